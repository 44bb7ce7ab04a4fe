/**
 * A link that signs in one browser, once, within five minutes: for the first start, and for when the identity provider is
 * away. Only who administers the host can have one made. Its secret stands behind the `#` of the URL, which browsers send
 * to no server.
 */
import { Failure } from "#shared/kernel/failure";
import type { SessionDeps } from "./session-store.ts";
import { openSession, type OpenSession } from "./sessions.ts";
import { keptAs, newTenantSecret, tenantSecretOf } from "./tenant-secret.ts";

export const signInLinkMs = 5 * 60_000;

type Granted = Pick<OpenSession, "tenant" | "subject" | "scopes">;

/** @returns what stands behind `#sign-in=` */
export async function makeSignInLink(
  { shortLived }: SessionDeps,
  { tenant, subject, scopes }: Granted,
): Promise<string> {
  const given = newTenantSecret(tenant);
  await shortLived.put(tenant, keptAs("sign-in-link", given), JSON.stringify({ subject, scopes }), signInLinkMs);
  return given.text;
}

/** @returns the new session's cookie @throws Failure `unauthenticated` */
export async function followSignInLink(deps: SessionDeps, text: string): Promise<string> {
  const given = tenantSecretOf(text);
  const body = given && (await deps.shortLived.take(given.tenant, keptAs("sign-in-link", given)));
  if (given === undefined || body === undefined)
    throw new Failure(
      "unauthenticated",
      "this link was used already, or is older than five minutes; a new one, on the host: npx trstctl console",
    );
  const { subject, scopes } = JSON.parse(body) as Pick<Granted, "subject" | "scopes">;
  const local = { method: "local", provider: null, sid: null, name: null, roles: [] } as const;
  return openSession(deps, { ...local, tenant: given.tenant, subject, scopes });
}
