/**
 * Showing again who one is (step-up): the session stays, by its id; its secret, and with it cookie and CSRF token, is a new one,
 * so whoever knew the old one has nothing.
 */
import { Failure } from "#shared/kernel/failure";
import { endedSince } from "./end-sessions.ts";
import { noteSession } from "./session-trail.ts";
import {
  cookieText,
  keptSession,
  keptText,
  keptUnder,
  newSessionSecret,
  type Session,
  type SessionDeps,
  sessionLifetimes,
} from "./session-store.ts";

/** Who was shown, by what. */
export interface Proof extends Pick<Session, "tenant" | "subject" | "method" | "provider" | "sid"> {
  /** When this process was given it, milliseconds; default now. */
  readonly provenAt?: number;
  /** When the person showed it, where that was before. */
  readonly authenticatedAt?: number;
  /** What sign-in grants now; default what it granted. */
  readonly granted?: Pick<Session, "roles" | "scopes">;
}

/**
 * @param id of the session that is to be renewed
 * @returns its new cookie's value
 * @throws Failure `forbidden` (reason `another_person`): nothing has changed; `unauthenticated` where it is over
 */
export async function renewSession(deps: SessionDeps, id: string, proof: Proof): Promise<string> {
  const { shortLived, clock } = deps;
  const { tenant } = proof;
  const now = clock.now();
  const { provenAt = now, authenticatedAt = now } = proof;
  const secret = newSessionSecret();
  for (;;) {
    const from = await shortLived.get(tenant, keptUnder(id));
    if (from === undefined) throw over();
    const { session } = keptSession(from);
    if (session.endsAt <= now) throw over();
    assertSame(session, proof);
    const { sid, granted } = proof;
    const endsAt = now + sessionLifetimes.absoluteMs;
    const renewed: Session = { ...session, ...granted, sid, authenticatedAt, endsAt, seenAt: now };
    const to = keptText(renewed, secret);
    if (!(await shortLived.replace(tenant, keptUnder(id), { from, to }, sessionLifetimes.idleMs))) continue;
    try {
      if (await endedSince(deps, renewed, provenAt)) throw over();
      const { method, provider } = renewed;
      await noteSession(deps, renewed, { type: "person.stepped-up", data: { method, provider, session: id } });
    } catch (error) {
      await shortLived.take(tenant, keptUnder(id));
      throw error;
    }
    return cookieText({ tenant, id, secret });
  }
}

/** By the same person in the same way: what vouches for one subject says nothing about another. */
export function assertSame(session: Session, proof: Pick<Proof, "tenant" | "subject" | "method" | "provider">): void {
  const { tenant, subject, method, provider } = session;
  if (tenant === proof.tenant && subject === proof.subject && method === proof.method && provider === proof.provider)
    return;
  throw new Failure("forbidden", "that was somebody else than who is signed in here; nothing has changed", {
    extensions: { reason: "another_person" },
  });
}

const over = (): Failure => new Failure("unauthenticated", "this session is over; sign in again");
