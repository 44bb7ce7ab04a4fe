/**
 * A link that signs in one browser, once, within five minutes: for the first start, and for when the identity provider is
 * away. Only who administers the host can have one made. Its secret stands behind the `#` of the URL, which browsers send
 * to no server.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { base64url } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { isTenantId } from "#shared/kernel/ids";
import { openSession, type OpenSession, type SessionDeps } from "./sessions.ts";

export const signInLinkMs = 5 * 60_000;

const shape = /^([a-z0-9][a-z0-9-]{0,62})\.([A-Za-z0-9_-]{43})$/;
const nameOf = (secret: string): string => `sign-in-link/${sha256Hex(secret)}`;

type Granted = Pick<OpenSession, "tenant" | "subject" | "scopes">;

/** @returns what stands behind `#sign-in=` */
export async function makeSignInLink(
  { shortLived }: SessionDeps,
  { tenant, subject, scopes }: Granted,
): Promise<string> {
  const secret = base64url(randomBytes(32));
  await shortLived.put(tenant, nameOf(secret), JSON.stringify({ subject, scopes }), signInLinkMs);
  return `${tenant}.${secret}`;
}

/** @returns the new session's cookie @throws Failure `unauthenticated` */
export async function followSignInLink(deps: SessionDeps, text: string): Promise<string> {
  const [, tenant, secret] = shape.exec(text) ?? [];
  const body =
    tenant === undefined || secret === undefined || !isTenantId(tenant)
      ? undefined
      : await deps.shortLived.take(tenant, nameOf(secret));
  if (body === undefined || tenant === undefined)
    throw new Failure(
      "unauthenticated",
      "this link was used already, or is older than five minutes; a new one, on the host: npx trstctl console",
    );
  const { subject, scopes } = JSON.parse(body) as Pick<Granted, "subject" | "scopes">;
  return openSession(deps, { tenant, subject, name: null, method: "local", roles: [], scopes });
}
