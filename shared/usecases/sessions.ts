/**
 * Browser sessions: in the store, so that they outlive a restart and every process knows them; only the hash of their
 * secret is kept. A session ends when it was idle too long, at its absolute end, at sign-out, and when its member is
 * offboarded; what it may do is judged anew with every request.
 */
import { hmacSha256 } from "#shared/crypto/hmac";
import { type RoleName, roleNames, roles } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { base64url, utf8 } from "#shared/kernel/bytes";
import type { ShortLived } from "#shared/ports/short-lived";
import type { Deps } from "./deps.ts";
import { keptAs, newTenantSecret, tenantSecretOf } from "./tenant-secret.ts";

export interface SessionDeps extends Pick<Deps, "log" | "clock"> {
  readonly shortLived: ShortLived;
}

/** How long a session lives, milliseconds. */
export const sessionLifetimes = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000 } as const;
/** A session in use is written anew at most so often. */
const touchMs = 60_000;

export interface Session {
  readonly tenant: string;
  readonly subject: string;
  /** For people; from the identity provider. */
  readonly name: string | null;
  readonly method: "local" | "oidc";
  /** Of who is no member: what sign-in granted. A member's own roles count instead. */
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** When the person last showed who they are, milliseconds. */
  readonly authenticatedAt: number;
  readonly endsAt: number;
  readonly seenAt: number;
}

export type OpenSession = Pick<Session, "tenant" | "subject" | "name" | "method" | "roles" | "scopes">;

/** @returns the cookie's value: shown to nobody but this browser */
export async function openSession({ shortLived, clock }: SessionDeps, wanted: OpenSession): Promise<string> {
  const given = newTenantSecret(wanted.tenant);
  const now = clock.now();
  const endsAt = now + sessionLifetimes.absoluteMs;
  const session: Session = { ...wanted, authenticatedAt: now, endsAt, seenAt: now };
  await shortLived.put(wanted.tenant, keptAs("session", given), JSON.stringify(session), sessionLifetimes.idleMs);
  return given.text;
}

export interface SignedIn {
  readonly session: Session;
  readonly principal: Principal;
  /** What every change by this session must carry. */
  readonly csrfToken: string;
}

/** @returns undefined for what is unknown, over, or a member's who was offboarded: all the same from outside */
export async function findSession(deps: SessionDeps, cookie: string): Promise<SignedIn | undefined> {
  const given = tenantSecretOf(cookie);
  if (given === undefined) return undefined;
  const name = keptAs("session", given);
  const body = await deps.shortLived.get(given.tenant, name);
  if (body === undefined) return undefined;
  const session = JSON.parse(body) as Session;
  const now = deps.clock.now();
  if (session.endsAt <= now) return undefined;
  const principal = await principalOf(deps, session);
  if (principal === undefined) return undefined;
  if (now - session.seenAt >= touchMs) {
    const left = Math.min(sessionLifetimes.idleMs, session.endsAt - now);
    await deps.shortLived.replace(given.tenant, name, JSON.stringify({ ...session, seenAt: now }), left);
  }
  return { session, principal, csrfToken: csrfTokenOf(given.secret) };
}

/** No error when it is over already. */
export async function closeSession({ shortLived }: SessionDeps, cookie: string): Promise<void> {
  const given = tenantSecretOf(cookie);
  if (given !== undefined) await shortLived.take(given.tenant, keptAs("session", given));
}

/** Follows from the session's secret: it fits no other session, and nothing needs to keep it. */
const csrfTokenOf = (secret: string): string => base64url(hmacSha256(utf8(secret), "trstctl/csrf/1"));

async function principalOf({ log }: SessionDeps, session: Session): Promise<Principal | undefined> {
  const { tenant, subject, scopes } = session;
  const { state: member } = await log.load(tenant, "member", subject);
  if (member === undefined) return { tenant, subject, roles: session.roles, scopes };
  if (member.status === "offboarded") return undefined;
  return { tenant, subject, roles: member.roles, scopes: scopesOf(member.roles) };
}

/** What roles grant; one that there is not grants nothing. */
export const scopesOf = (names: readonly string[]): readonly string[] =>
  names.flatMap((name): readonly string[] => (roleNames.includes(name as RoleName) ? roles[name as RoleName] : []));
