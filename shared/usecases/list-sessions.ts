/** Which sessions there are. Their number is that of people at work, so those of one subject are looked for among all. */
import { keptSession, type Session, type SessionDeps } from "./session-store.ts";

export interface SessionQuery {
  /** Default: everybody's. */
  readonly subject?: string | undefined;
  readonly limit: number;
  /** Id of the last one seen. */
  readonly after?: string | undefined;
}

const pageSize = 200;

/** The newest first. @returns `cursor`: there may be more */
export async function listSessions(
  { shortLived, clock }: SessionDeps,
  tenant: string,
  { subject, limit, after }: SessionQuery,
): Promise<{ readonly sessions: readonly Session[]; readonly cursor?: string }> {
  const sessions: Session[] = [];
  for (let from = after; ; ) {
    const { items, cursor } = await shortLived.list(tenant, "session", { after: from, limit: pageSize });
    for (const { key, body } of items) {
      const { session } = keptSession(body);
      if (session.endsAt <= clock.now() || (subject !== undefined && session.subject !== subject)) continue;
      sessions.push(session);
      if (sessions.length === limit) return { sessions, cursor: key };
    }
    if (cursor === undefined) return { sessions };
    from = cursor;
  }
}
