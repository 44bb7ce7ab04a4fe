import { isSigned, listCuts } from "#events/checkpoints/cut";
import { statusOperations as operations } from "#shared/contracts/api/status";
import type { AggregateKind } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import { watchRevocation } from "#shared/usecases/revocation-watch";
import type { FunctionDeps } from "../../function.ts";
import { handle, type ServedBy } from "../operation-handler.ts";
import { projectionList } from "../projection-list.ts";
import { rateLimits } from "../rate-limits.ts";

const counted = 100;
/** Of one lane; more is not told apart. */
const mostEvents = 200;
const nextInSeconds = 3;

async function status({ deps, call }: ServedBy<typeof operations.get>) {
  const { tenant } = call.principal;
  const count = async (kind: AggregateKind, view: string): Promise<number> =>
    (await deps.log.list(tenant, kind, { limit: counted, view: { name: view } })).items.length;
  const [parts, watched, followed, checkpoint, pending, dead, waiting] = await Promise.all([
    deps.ready(),
    watchRevocation(deps, tenant),
    projectionList(deps, tenant),
    newestCheckpoint(deps, tenant),
    count("outbox", "outbox-pending"),
    count("outbox", "outbox-dead"),
    count("enrolment-request", "enrolment-requests-pending"),
  ]);
  const moment = (ms: number): string | null => (Number.isFinite(ms) && ms > 0 ? new Date(ms).toISOString() : null);
  const overdue = watched.overdue.map(({ issuer, what, ends }) => ({ issuer_id: issuer, what, ends_at: ends }));
  return {
    body: {
      parts,
      revocation: {
        crl_ends_at: moment(watched.crlEndsMs),
        responder_ends_at: moment(watched.responderEndsMs),
        overdue,
      },
      outbox: { pending, dead },
      projections: {
        events_behind: Math.max(0, ...followed.map(({ events_behind }) => events_behind)),
        quarantined: followed.reduce((sum, { quarantined }) => sum + quarantined.length, 0),
      },
      checkpoint,
      time: new Date(deps.clock.now()).toISOString(),
      requests_waiting: waiting,
    },
  };
}

/** The newest may not be signed yet; the one before it is. */
async function newestCheckpoint({ log, tables }: FunctionDeps, tenant: string) {
  const signed = (await listCuts(tables.tenant(tenant), tenant, 2)).find(isSigned);
  if (signed === undefined) return null;
  const events = (await log.heads(tenant)).reduce((sum, { seq }) => sum + seq, 0);
  return { size: signed.size, made_at: signed.time, events_since: Math.max(0, events - signed.size) };
}

/** Reads nothing while nothing moves: every open console asks this every few seconds. */
async function changes({ deps, call, query }: ServedBy<typeof operations.changes>) {
  const { tenant } = call.principal;
  const heads = await deps.log.heads(tenant);
  const cursor = heads.map(({ seq }) => seq).join(".");
  const before = query.after?.split(".").map(Number);
  if (before !== undefined && before.length !== heads.length)
    throw new Failure("invalid_field", "after: of a log with other lanes; leave it out", { field: "after" });
  const changed = new Set<string>();
  for (const { lane, seq } of before === undefined ? [] : heads) {
    const from = before?.[lane] ?? 0;
    if (seq - from > mostEvents || seq < from) changed.add("*");
    else if (seq > from)
      for (const { writes } of await deps.log.read(tenant, lane, from, seq - from))
        for (const [kind] of writes) changed.add(kind);
  }
  return { body: { cursor, changed: [...changed].sort((a, b) => (a < b ? -1 : 1)), next_in_seconds: nextInSeconds } };
}

export const statusHandlers = {
  "status.get": handle(operations.get, { run: status }),
  "status.limits": handle(operations.limits, {
    run: async ({ deps, call }) => ({ body: rateLimits(deps, call.principal.tenant) }),
  }),
  "status.changes": handle(operations.changes, { run: changes }),
};
