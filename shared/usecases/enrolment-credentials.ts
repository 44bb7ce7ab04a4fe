/** Enrolment credentials: the secret is derived from the id, given out once and stored nowhere. */
import { constantTimeEqual } from "#shared/crypto/equal";
import { randomBytes } from "#shared/crypto/random";
import {
  credentialRefused,
  decideCreateCredential,
  decideRevokeCredential,
  decideUse,
  isOpen,
} from "#shared/domain/enrolment-credential/decide";
import type { CredentialUse } from "#shared/domain/enrolment-credential/enrolment-credential";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { base32Label } from "#shared/kernel/ids";
import { canonicalName, generalNameText, subjectNameTypes } from "#shared/pki/general-name";
import { ipBytes } from "#shared/pki/ip";
import { assertMayGrant } from "#shared/policy/ra-split";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { countingAt, type Endpoint } from "./enrolment-endpoints.ts";
import { existing, type Present, referenced } from "./load.ts";

/** What checking secrets needs beside the rest: 32 bytes for each credential, derived from the host's own secret. */
export type CredentialDeps = Deps & { readonly enrolmentSecret: (tenant: string, credential: string) => Uint8Array };

export interface CreateEnrolmentCredential {
  readonly endpoint: string;
  /** `host.example.test`, `10.0.0.1`, or with its kind: `uri:spiffe://example.test/a`. */
  readonly names: readonly string[];
  readonly maxUses: number | null;
  readonly expiresAt: string;
}

export interface CreatedCredential {
  readonly id: string;
  /** Shown once. */
  readonly secret: string;
}

/** The secret as it goes over the wire and is typed: base64url, 43 characters. */
export const secretText = (secret: Uint8Array): string => base64url(secret);

/** @throws Failure `forbidden` without the right to issue, where nobody is asked any more behind the credential */
export async function createCredential(
  deps: CredentialDeps,
  call: Call,
  command: CreateEnrolmentCredential,
): Promise<CreatedCredential> {
  const { tenant } = call.principal;
  const id = base32Label(randomBytes(10));
  const names = command.names.map((text, at) => nameOf(text, `names.${at}`));
  const make = async () => {
    const endpoint = await referenced(deps, tenant, "enrolment-endpoint", command.endpoint, "endpoint");
    if (endpoint.state.approval === "automatic") assertMayGrant(call.principal, "issue");
    return {
      stream: await deps.log.load(tenant, "enrolment-credential", id),
      event: decideCreateCredential(endpoint.state, { ...command, names, nowMs: deps.clock.now() }),
      touches: [endpoint],
    };
  };
  await countingAt(deps, tenant, command.endpoint, () => change(deps, call, make));
  return { id, secret: secretText(deps.enrolmentSecret(tenant, id)) };
}

/** Without a kind it is an address where it can be one, else a DNS name. */
function nameOf(text: string, field: string): string {
  const type = subjectNameTypes.find((kind) => text.startsWith(`${kind}:`));
  const name =
    type === undefined
      ? canonicalName(ipBytes(text) === undefined ? "dns" : "ip", text, field)
      : canonicalName(type, text.slice(type.length + 1), field);
  return generalNameText(name);
}

/** @throws Failure `conflict` when it is revoked already */
export async function revokeCredential(deps: Deps, call: Call, id: string): Promise<void> {
  const { tenant } = call.principal;
  const { endpoint: label } = (await existing(deps, tenant, "enrolment-credential", id)).state;
  const revoke = async () => {
    const stream = await existing(deps, tenant, "enrolment-credential", id);
    const endpoint = await existing(deps, tenant, "enrolment-endpoint", stream.state.endpoint);
    return { stream, event: decideRevokeCredential(stream.state), touches: [endpoint] };
  };
  await countingAt(deps, tenant, label, () => change(deps, call, revoke));
}

/**
 * The credential and its secret, 32 bytes, for protocols that key a MAC with it (CMP: with `secretText` of it). Whether it
 * is used up `enrol` decides: the same transaction again is no second use.
 * @throws Failure `unauthenticated`, one message for whatever is wrong with it
 */
export async function credentialFor(
  deps: CredentialDeps,
  endpoint: Endpoint,
  id: string,
): Promise<{ readonly credential: Present<"enrolment-credential">; readonly secret: Uint8Array }> {
  const { credential, secret } = await lookUp(deps, endpoint, id);
  if (credential === undefined) throw credentialRefused();
  return { credential, secret };
}

/** For protocols that send the secret itself. @throws Failure `unauthenticated` as `credentialFor`, and for a wrong secret */
export async function checkCredential(
  deps: CredentialDeps,
  endpoint: Endpoint,
  id: string,
  secretSent: string,
): Promise<Present<"enrolment-credential">> {
  const { credential, secret } = await lookUp(deps, endpoint, id);
  // Compared also where there is none: the time tells nothing.
  const right = constantTimeEqual(utf8(secretSent), utf8(secretText(secret)));
  if (credential === undefined || !right) throw credentialRefused();
  return credential;
}

async function lookUp(deps: CredentialDeps, { tenant, label, state: endpoint }: Endpoint, id: string) {
  // What no id can be is not looked for, and not named in anything.
  const known = /^[a-z2-7]{16}$/.test(id) ? id : "-";
  const found = await deps.log.load(tenant, "enrolment-credential", known);
  const secret = deps.enrolmentSecret(tenant, known);
  const fits =
    endpoint.auth.includes("secret") && found.state?.endpoint === label && isOpen(found.state, deps.clock.now());
  return { credential: fits ? (found as Present<"enrolment-credential">) : undefined, secret };
}

/**
 * Counts a use in the commit of another event: add `use` to its data as `credential`, and the snapshot to what it touches.
 * Loaded anew on every try. @param use names the operation
 * @returns undefined when nothing is to be counted
 * @throws Failure `unauthenticated` when it is revoked, expired or used up meanwhile
 */
export async function countUse(
  deps: Deps,
  tenant: string,
  id: string,
  use: string,
): Promise<{ readonly use: CredentialUse; readonly touches: Present<"enrolment-credential"> } | undefined> {
  const credential = await deps.log.load(tenant, "enrolment-credential", id);
  if (credential.state === undefined || !isOpen(credential.state, deps.clock.now())) throw credentialRefused();
  if (!decideUse(credential.state, use)) return undefined;
  return { use: { id, use }, touches: credential as Present<"enrolment-credential"> };
}
