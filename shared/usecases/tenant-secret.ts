/**
 * `<tenant>.<secret>`: what a browser is given to show again. The tenant only chooses the partition; the hash that is found
 * there authenticates, and is all that is kept.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { base64url } from "#shared/kernel/bytes";
import { isTenantId } from "#shared/kernel/ids";

const shape = /^([a-z0-9][a-z0-9-]{0,62})\.([A-Za-z0-9_-]{43})$/;

export interface TenantSecret {
  readonly tenant: string;
  readonly secret: string;
  /** Shown to nobody but this browser. */
  readonly text: string;
}

const made = (tenant: string, secret: string): TenantSecret => ({ tenant, secret, text: `${tenant}.${secret}` });

export const newTenantSecret = (tenant: string): TenantSecret => made(tenant, base64url(randomBytes(32)));

/** @returns undefined for what nobody was given */
export function tenantSecretOf(text: string): TenantSecret | undefined {
  const [, tenant, secret] = shape.exec(text) ?? [];
  return tenant === undefined || secret === undefined || !isTenantId(tenant) ? undefined : made(tenant, secret);
}

/** The name under which it is kept. @param what it is for */
export const keptAs = (what: "sign-in-link", { secret }: TenantSecret): string => `${what}/${sha256Hex(secret)}`;
