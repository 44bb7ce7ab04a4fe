/**
 * Ending sessions of others, in every process at once. A mark is written first and the list read afterwards; who opens a
 * session puts it on the list first and looks for marks afterwards. Whatever the order, one of them sees the other, so none
 * that was being opened at that moment survives.
 */
import { sha256Hex } from "#shared/crypto/hash";
import type { Call } from "./deps.ts";
import { noteEnd } from "./session-trail.ts";
import { keptSession, keptUnder, type Session, type SessionDeps } from "./session-store.ts";

/** `subject`: all of theirs. With `provider`: those that it vouched for, or the one of its session `sid`. */
export type WhoseSessions =
  | { readonly subject: string }
  | { readonly provider: string; readonly subject: string }
  | { readonly provider: string; readonly sid: string };

/** Longer than a sign-in can take from its proof to its cookie. */
const markMs = 10 * 60_000;
const pageSize = 200;

/**
 * Of a provider that ended its own, or of a member who was offboarded; what was ended stands in the log.
 * @param by who did
 */
export async function endSessionsFor(
  deps: SessionDeps,
  by: Call,
  whose: WhoseSessions,
  because: "provider" | "offboarded",
): Promise<void> {
  const ended = await endSessionsOf(deps, by.principal.tenant, whose);
  const counts = new Map<string, number>();
  for (const { subject } of ended) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  for (const [subject, count] of counts) await noteEnd(deps, by, subject, { because, count, session: null });
}

/** @returns those that were ended; a sign-in whose proof is older is refused as well */
export async function endSessionsOf(
  deps: SessionDeps,
  tenant: string,
  whose: WhoseSessions,
): Promise<readonly Session[]> {
  await mark(deps, tenant, whose);
  const ended: Session[] = [];
  let after: string | undefined;
  do {
    const page = await deps.shortLived.list(tenant, "session", { after, limit: pageSize });
    for (const { key, body } of page.items) {
      if (!isOf(keptSession(body).session, whose)) continue;
      const taken = await deps.shortLived.take(tenant, keptUnder(key));
      if (taken !== undefined) ended.push(keptSession(taken).session);
    }
    after = page.cursor;
  } while (after !== undefined);
  return ended;
}

/** True where sessions such as this one were ended after the proof that it rests on. */
export async function endedSince(deps: SessionDeps, session: Session, provenAt: number): Promise<boolean> {
  const marks = await Promise.all(
    whoseAll(session).map(async (whose) => {
      const at = await deps.shortLived.get(session.tenant, markOf(whose));
      // A provider's session that is over does not come back, whenever its proof was given.
      return at !== undefined && ("sid" in whose || Number(at) >= provenAt);
    }),
  );
  return marks.includes(true);
}

async function mark({ shortLived, clock }: SessionDeps, tenant: string, whose: WhoseSessions): Promise<void> {
  const name = markOf(whose);
  for (;;) {
    const now = clock.now();
    if (await shortLived.put(tenant, name, String(now), markMs)) return;
    const from = await shortLived.get(tenant, name);
    if (from === undefined) continue;
    const to = String(Math.max(now, Number(from))); // another process's clock may be ahead
    if (await shortLived.replace(tenant, name, { from, to }, markMs)) return;
  }
}

function whoseAll({ subject, provider, sid }: Session): readonly WhoseSessions[] {
  if (provider === null) return [{ subject }];
  return [{ subject }, { provider, subject }, ...(sid === null ? [] : [{ provider, sid }])];
}

const isOf = (session: Session, whose: WhoseSessions): boolean =>
  Object.entries(whose).every(([field, value]) => session[field as keyof Session] === value);

function markOf(whose: WhoseSessions): string {
  const { provider, subject, sid } = { provider: null, subject: null, sid: null, ...whose };
  return `sessions-ended/${sha256Hex(JSON.stringify([provider, subject, sid]))}`;
}
