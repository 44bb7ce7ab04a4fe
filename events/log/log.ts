import type { AggregateKind } from "#shared/domain/aggregate";
import { aggregates } from "#shared/domain/registry";
import type { EventLog, IdempotencyRecord, LoggedEvent, StatePage } from "#shared/ports/event-log";
import type { Key, Table, TableStore } from "#shared/ports/table";
import type { Wakes } from "#shared/ports/wakes";
import { partition } from "../item-kinds.ts";
import { readSnapshots } from "../retention/snapshot.ts";
import { isCount, isText, readStored } from "../stored.ts";
import { createFence, type Fence } from "./fence.ts";
import { readHead } from "./head.ts";
import { eventKey, idempotencyKey, laneOf, lastEventSort, seqOf, stateKey } from "./keys.ts";
import { createLaneWriter, type RecordedEvent } from "./lane-writer.ts";
import { readLinks } from "./links.ts";
import { prunedOf, readEvent } from "./record.ts";
import { absent, readState } from "./state-row.ts";

export interface EventLogDeps {
  readonly tables: TableStore;
  readonly wakes: Wakes;
  /** 1 locally, 8 on AWS; fixed for the life of a tenant. */
  readonly lanes: number;
  /** On AWS the Region of this process: it writes tenants that are at home there. */
  readonly region?: string;
  /** Other processes write the same tenants, as on AWS. */
  readonly several?: true;
  /** Only for a failover: its epoch, in which it alone writes (failover.ts). */
  readonly recovery?: number;
}

export function createEventLog({ tables, wakes, lanes, region, several, recovery }: EventLogDeps): EventLog {
  const writers = new Map<string, ReturnType<typeof createLaneWriter>>();
  const fences = new Map<string, Fence>();

  const fence = (tenant: string): Fence => {
    const found = fences.get(tenant) ?? createFence({ tenant, region, recovery });
    fences.set(tenant, found);
    return found;
  };

  const writer = (tenant: string, lane: number) => {
    const key = `${tenant}#${lane}`;
    let found = writers.get(key);
    if (found === undefined) {
      found = createLaneWriter({
        table: tables.tenant(tenant),
        tenant,
        lane,
        lanes,
        region,
        fence: fence(tenant),
        several: several === true,
        onCommitted: () => wakes.ring({ tenant, lane }),
      });
      writers.set(key, found);
    }
    return found;
  };

  return {
    async load(tenant, kind, id) {
      const item = await tables.tenant(tenant).get(stateKey(tenant, kind, id), { consistent: true });
      return item === undefined ? absent(kind, id) : readState(kind, id, item);
    },

    async list(tenant, kind, { limit, after, partition: part, view }) {
      const page = await tables.tenant(tenant).query({
        pk: view === undefined ? partition(tenant, kind, part) : partition(tenant, "V", view.name),
        limit,
        ...(view !== undefined && { view: true }),
        ...(view?.descending === true && { descending: true }),
        ...(view?.from !== undefined && { from: view.from }),
        ...(view?.to !== undefined && { to: `${view.to}$` }), // `$` follows `#`: up to and with this sort text
        ...(after !== undefined && { after }),
      });
      const items = page.items.map((item) => ({
        ...readState(kind, idOf(tenant, kind, item), item),
        place: (view === undefined ? undefined : item.view?.sk) ?? item.sk,
      }));
      return { items, ...(page.cursor !== undefined && { cursor: page.cursor }) } satisfies StatePage<typeof kind>;
    },

    commit: (append) => writer(append.tenant, laneOf(append.stream, lanes)).commit(append),

    async read(tenant, lane, after, limit) {
      const { pk, sk } = eventKey(tenant, lane, after + 1);
      const events: LoggedEvent[] = [];
      let cursor: string | undefined;
      do {
        const page = await tables.tenant(tenant).query({
          pk,
          from: sk,
          to: lastEventSort,
          limit: Math.min(1000, limit - events.length),
          consistent: true,
          ...(cursor !== undefined && { after: cursor }),
        });
        for (const item of page.items)
          if (prunedOf(item.body) === undefined) events.push(readEvent({ lane, seq: seqOf(item.sk) }, item));
        cursor = page.cursor;
      } while (cursor !== undefined && events.length < limit);
      return events;
    },

    links: (tenant, lane, after, limit) => readLinks(tables.tenant(tenant), tenant, lane, after, limit),

    snapshots: (tenant, after, limit) => readSnapshots(tables.tenant(tenant), tenant, after, limit),

    heads: (tenant) =>
      Promise.all(
        Array.from({ length: lanes }, async (_, lane) => {
          const { seq, hash } = await readHead(tables.tenant(tenant), tenant, lane, lanes);
          return { lane, seq, hash };
        }),
      ),

    async replayOf(tenant, key) {
      const item = await tables.tenant(tenant).get(idempotencyKey(tenant, key), { consistent: true });
      if (item === undefined) return undefined;
      const shape = { fingerprint: isText, status: isCount };
      const { of, ...record } = readStored<IdempotencyRow>(item.body, "an idempotency record", shape);
      if (of === undefined || (await stands(tables.tenant(tenant), tenant, of))) return record;
      // A failover lost the event: then the request was never answered, and may be made again.
      await tables.tenant(tenant).transact([{ delete: { pk: item.pk, sk: item.sk }, if: { rev: item.rev } }]);
      return undefined;
    },
  };
}

interface IdempotencyRow extends IdempotencyRecord {
  readonly of?: RecordedEvent;
}

/** Whether the event is in the log, or was until retention removed it. */
async function stands(table: Table, tenant: string, [lane, seq, id]: RecordedEvent): Promise<boolean> {
  const item = await table.get(eventKey(tenant, lane, seq), { consistent: true });
  return item !== undefined && (prunedOf(item.body) !== undefined || readEvent({ lane, seq }, item).id === id);
}

/** Reverse of `stateKey`; in a view an item keeps its own key. */
const idOf = (tenant: string, kind: AggregateKind, { pk, sk }: Key): string =>
  aggregates[kind].partitioned === true ? `${pk.slice(partition(tenant, kind, "").length)}/${sk}` : sk;
