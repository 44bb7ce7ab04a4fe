/** Sessions that a person ends over the API, their own or others': what was ended stands in the log, with who did it. */
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { Call } from "./deps.ts";
import { endSessionsOf } from "./end-sessions.ts";
import { listSessions } from "./list-sessions.ts";
import { keptSession, keptUnder, type Session, type SessionDeps } from "./session-store.ts";
import { noteEnd } from "./session-trail.ts";

/** @param owner whose it must be; default: anybody's @throws Failure `not_found` */
export async function endSession(deps: SessionDeps, call: Call, id: string, owner?: string): Promise<void> {
  const { tenant } = call.principal;
  const body = await deps.shortLived.get(tenant, keptUnder(id));
  const found = body === undefined ? undefined : keptSession(body).session;
  const session = found !== undefined && (owner === undefined || found.subject === owner) ? found : undefined;
  const { subject } = await meant(deps, call, session, "there is no such session; it may be over already");
  await deps.shortLived.take(tenant, keptUnder(id));
  await noteEnd(deps, call, subject, { because: "asked", count: 1, session: id });
}

/** All, and any that is being opened at this moment. @throws Failure `not_found` where there is none */
export async function endAllSessions(deps: SessionDeps, call: Call, subject: string): Promise<void> {
  const { tenant } = call.principal;
  const { sessions } = await listSessions(deps, tenant, { subject, limit: 1 });
  await meant(deps, call, sessions[0], "this subject has no session");
  const ended = await endSessionsOf(deps, tenant, { subject });
  await noteEnd(deps, call, subject, { because: "asked", count: ended.length, session: null });
}

/** Longer than a client tries one request again. */
const rememberedMs = 10 * 60_000;

/**
 * Whose sessions this operation ends. It is remembered before anything is ended: who tries again after the host died between
 * the end and the event still gets both.
 */
async function meant(
  { shortLived }: SessionDeps,
  { principal: { tenant }, operation }: Call,
  session: Session | undefined,
  otherwise: string,
): Promise<{ readonly subject: string }> {
  const name = `ending-sessions/${sha256Hex(operation)}`;
  if (session !== undefined) {
    await shortLived.put(tenant, name, session.subject, rememberedMs);
    return session;
  }
  const subject = await shortLived.get(tenant, name);
  if (subject === undefined) throw new Failure("not_found", otherwise);
  return { subject };
}
