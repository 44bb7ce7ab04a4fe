/**
 * A link that signs in one browser, once, within five minutes: for the first start, and for when the identity provider is
 * away. Only who administers the host can have one made. Its secret stands behind the `#` of the URL, which browsers send
 * to no server.
 */
import { newLinkBy } from "#shared/contracts/console-link";
import { Failure } from "#shared/kernel/failure";
import { assertSame, renewSession } from "./renew-session.ts";
import type { Session, SessionDeps } from "./session-store.ts";
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
  return openSession(deps, { ...local, ...(await takenLink(deps, text)), name: null, roles: [] });
}

/**
 * Shows again who is signed in; what the session may do stays. The link is used up, whatever comes of it.
 * @returns the session's new cookie
 * @throws Failure `unauthenticated`, or `forbidden` for a link that was made for somebody else
 */
export async function renewByLink(deps: SessionDeps, text: string, session: Session): Promise<string> {
  const { tenant, subject } = await takenLink(deps, text);
  const proof = { ...local, tenant, subject };
  assertSame(session, proof);
  return renewSession(deps, session.id, proof);
}

const local = { method: "local", provider: null, sid: null } as const;

async function takenLink(deps: SessionDeps, text: string): Promise<Granted> {
  const given = tenantSecretOf(text);
  const body = given && (await deps.shortLived.take(given.tenant, keptAs("sign-in-link", given)));
  if (given === undefined || body === undefined)
    throw new Failure(
      "unauthenticated",
      `this link was used already, or is older than five minutes; who administers the host makes a new one by ${newLinkBy}`,
    );
  return { ...(JSON.parse(body) as Pick<Granted, "subject" | "scopes">), tenant: given.tenant };
}
