import { sessionOperations as operations } from "#shared/contracts/api/sessions";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { endAllSessions, endSession } from "#shared/usecases/end-sessions-by";
import { listSessions } from "#shared/usecases/list-sessions";
import { type Session, sessionLifetimes } from "#shared/usecases/session-store";
import { handle, type Outcome, type Served } from "../operation-handler.ts";
import type { PageQuery } from "../pages.ts";

const time = (ms: number): string => new Date(ms).toISOString();

const view = (session: Session, current: string | undefined): object => {
  const { id, subject, name, method, provider, openedAt, authenticatedAt, seenAt, endsAt } = session;
  return {
    id,
    subject,
    name,
    method,
    provider,
    opened_at: time(openedAt),
    authenticated_at: time(authenticatedAt),
    last_seen_at: time(seenAt),
    ends_at: time(Math.min(endsAt, seenAt + sessionLifetimes.idleMs)),
    current: id === current,
  };
};

async function page({ deps, call, session }: Served, list: string, query: PageQuery, subject: string | undefined) {
  const { limit } = query;
  const after = decodeCursor(list, query.cursor);
  const { sessions, cursor } = await listSessions(deps, call.principal.tenant, { subject, limit, after });
  const items = sessions.map((one) => view(one, session));
  return { body: { items, next_cursor: encodeCursor(list, cursor) } } satisfies Outcome;
}

export const sessionHandlers = {
  "sessions.list": handle(operations.list, {
    run: (served) => page(served, "session", served.query, served.query.subject),
  }),
  "sessions.end": handle(operations.end, {
    async run({ deps, call, params }) {
      await endSession(deps, call, params.id);
      return {};
    },
  }),
  "sessions.end-all": handle(operations.endAll, {
    async run({ deps, call, body }) {
      await endAllSessions(deps, call, body.subject);
      return {};
    },
  }),
  "sessions.own": handle(operations.own, {
    run: (served) => page(served, "own-session", served.query, served.call.principal.subject),
  }),
  "sessions.end-own": handle(operations.endOwn, {
    async run({ deps, call, params }) {
      await endSession(deps, call, params.id, call.principal.subject);
      return {};
    },
  }),
};
