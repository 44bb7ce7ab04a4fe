/**
 * Browser sessions: in the store, so that they outlive a restart and every process knows them. A session ends when it was
 * idle too long, at its absolute end, at sign-out, when somebody who may ends it (end-sessions.ts), and when its member is
 * offboarded; what it may do is judged anew with every request.
 */
import { hmacSha256 } from "#shared/crypto/hmac";
import { type RoleName, roleNames, roles } from "#shared/contracts/permissions";
import type { Principal } from "#shared/contracts/principal";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { endedSince } from "./end-sessions.ts";
import { noteSession } from "./session-trail.ts";
import {
  cookieText,
  keptOf,
  keptText,
  keptUnder,
  leftOf,
  newSessionId,
  newSessionSecret,
  type Session,
  sessionCookieOf,
  type SessionDeps,
  sessionLifetimes,
} from "./session-store.ts";

/** A session in use is written anew at most so often. */
const touchMs = 60_000;

export interface OpenSession
  extends Pick<Session, "tenant" | "subject" | "name" | "method" | "provider" | "sid" | "roles" | "scopes"> {
  /** When this process was given the proof of who they are, milliseconds; default now. What was ended since stays ended. */
  readonly provenAt?: number;
  /** When the person last showed who they are, milliseconds; default now; a provider that knew them already says so (`auth_time`). */
  readonly authenticatedAt?: number;
}

/**
 * @returns the cookie's value: shown to nobody but this browser
 * @throws Failure `unauthenticated` where the sessions of this subject were ended since the proof, `forbidden` for a member
 * who was offboarded
 */
export async function openSession(deps: SessionDeps, wanted: OpenSession): Promise<string> {
  const { shortLived, clock, log } = deps;
  const now = clock.now();
  const { provenAt = now, authenticatedAt = now, ...who } = wanted;
  const { tenant } = who;
  const { state: member } = await log.load(tenant, "member", who.subject);
  if (member?.status === "offboarded")
    throw new Failure("forbidden", "you were offboarded here; ask whoever manages access to add you again", {
      extensions: { reason: "offboarded" },
    });
  const endsAt = now + sessionLifetimes.absoluteMs;
  const generation = member?.generation ?? 0;
  const id = newSessionId(now);
  const session: Session = { ...who, id, generation, openedAt: now, authenticatedAt, endsAt, seenAt: now };
  const secret = newSessionSecret();
  await shortLived.put(tenant, keptUnder(id), keptText(session, secret), sessionLifetimes.idleMs);
  try {
    // Only now: whoever ends sessions marks first and looks afterwards, so one of the two sees the other.
    if (await endedSince(deps, session, provenAt))
      throw new Failure("unauthenticated", "your sessions were ended while you signed in; sign in again");
    const { method, provider, name } = session;
    await noteSession(deps, session, { type: "person.signed-in", data: { method, provider, name, session: id } });
  } catch (error) {
    await shortLived.take(tenant, keptUnder(id));
    throw error;
  }
  return cookieText({ tenant, id, secret });
}

export interface SignedIn {
  readonly session: Session;
  readonly principal: Principal;
  /** What every change by this session must carry. */
  readonly csrfToken: string;
}

/**
 * @param used false: it comes nearer to being idle all the same
 * @returns undefined for what is unknown, over, or a member's who was offboarded: all the same from outside
 */
export async function findSession(deps: SessionDeps, cookie: string, used = true): Promise<SignedIn | undefined> {
  const given = sessionCookieOf(cookie);
  const kept = given && (await keptOf(deps, given));
  if (given === undefined || kept === undefined) return undefined;
  const { session, text } = kept;
  const principal = await principalOf(deps, session);
  if (principal === undefined) return undefined;
  const now = deps.clock.now();
  if (used && now - session.seenAt >= touchMs) {
    const to = keptText({ ...session, seenAt: now }, given.secret);
    await deps.shortLived.replace(given.tenant, keptUnder(given.id), { from: text, to }, leftOf(session, now));
  }
  return { session, principal, csrfToken: csrfTokenOf(given.secret) };
}

/** No error when it is over already. */
export async function closeSession(deps: SessionDeps, cookie: string): Promise<void> {
  const given = sessionCookieOf(cookie);
  const kept = given && (await keptOf(deps, given));
  if (given === undefined || kept === undefined) return;
  if ((await deps.shortLived.take(given.tenant, keptUnder(given.id))) !== undefined)
    await noteSession(deps, kept.session, { type: "person.signed-out", data: { session: given.id } });
}

/** Follows from the session's secret: it fits no other session, and nothing needs to keep it. */
const csrfTokenOf = (secret: string): string => base64url(hmacSha256(utf8(secret), "trstctl/csrf/1"));

async function principalOf({ log }: SessionDeps, session: Session): Promise<Principal | undefined> {
  const { tenant, subject, scopes, generation } = session;
  const { state: member } = await log.load(tenant, "member", subject);
  if (member === undefined) return { tenant, subject, roles: session.roles, scopes };
  if (member.status === "offboarded" || (member.generation ?? 0) !== generation) return undefined;
  return { tenant, subject, roles: member.roles, scopes: scopesOf(member.roles) };
}

/** What roles grant; one that there is not grants nothing. */
export const scopesOf = (names: readonly string[]): readonly string[] =>
  names.flatMap((name): readonly string[] => (roleNames.includes(name as RoleName) ? roles[name as RoleName] : []));
