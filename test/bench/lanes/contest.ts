/**
 * Commits to one tenant from several processes, each with a log and a client of its own and one request in work, as Lambda
 * runs them. Each commit has a stream of its own, so only the heads of the lanes are contended.
 */
import { createEventLog } from "#events/log/log";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { systemClock } from "#shared/adapters/local/clock";
import type { Table, TableStore } from "#shared/ports/table";
import type { Dynamo } from "#test/contract/dynamo";
import { randomId } from "#test/contract/fixtures";
import { recordedWakes } from "#test/log/local-log";

export interface Contest {
  readonly lanes: number;
  readonly processes: number;
  /** Milliseconds. */
  readonly length: number;
  /** Whether a process reads the head before each commit, or remembers the one it wrote. */
  readonly reads: boolean;
}

export interface Outcome {
  readonly commits: number;
  readonly perSecond: number;
  /** Transactions that were cancelled, of all. */
  readonly conflicts: number;
  /** Transactions for one commit. */
  readonly tries: number;
  /** Answered `unavailable` after all tries. */
  readonly busy: number;
  /** Milliseconds of one commit. */
  readonly p50: number;
  readonly p99: number;
}

interface Count {
  transactions: number;
  cancelled: number;
}

export async function contest(dynamo: Dynamo, { lanes, processes, length, reads }: Contest): Promise<Outcome> {
  const tenant = `lanes-${randomId()}`;
  const count: Count = { transactions: 0, cancelled: 0 };
  const took: number[] = [];
  let busy = 0;
  const started = performance.now();
  const worker = async (process: number): Promise<void> => {
    const tables = counted(
      dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock: systemClock }),
      count,
    );
    const log = createEventLog({ tables, wakes: recordedWakes(), lanes, ...(reads && { several: true as const }) });
    for (let n = 0; performance.now() - started < length; n++) {
      const before = performance.now();
      const done = await log
        .commit({
          tenant,
          actor: { subject: "bench", roles: [] },
          at: systemClock.now(),
          stream: { kind: "member", id: `m${process}-${n}`, rev: 0, state: undefined, origin: undefined },
          event: { type: "member.upserted", data: { display_name: "x".repeat(1500), email: null, roles: [] } },
          idempotency: { key: `k${process}-${n}`, fingerprint: "f", status: 201, operation: "o", resource: "r" },
        })
        .catch(() => undefined);
      if (done === undefined) busy++;
      else if (done.ok) took.push(performance.now() - before);
      else throw new Error(`a commit on a stream of its own was ${done.reason}`);
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, process) => worker(process)));
  const seconds = (performance.now() - started) / 1000;
  took.sort((a, b) => a - b);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return {
    commits: took.length,
    perSecond: took.length / seconds,
    conflicts: count.cancelled / count.transactions,
    tries: count.transactions / took.length,
    busy,
    p50: at(0.5),
    p99: at(0.99),
  };
}

function counted(store: TableStore, count: Count): TableStore {
  return {
    close: () => store.close(),
    tenant(tenant) {
      const table = store.tenant(tenant);
      const transact: Table["transact"] = async (writes) => {
        count.transactions++;
        const outcome = await table.transact(writes);
        if (!outcome.ok) count.cancelled++;
        return outcome;
      };
      return { get: table.get, query: table.query, transact };
    },
  };
}
