/**
 * What stands for the events that retention removed: the state that they brought each aggregate to, and each projection.
 * Of class log, like the events: a rebuild begins with these.
 */
import { type AggregateKind, aggregateKinds } from "#shared/domain/aggregate";
import type { EventLog, LogSnapshot, Snapshot } from "#shared/ports/event-log";
import type { Table, Write } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { isCount, isObject, isText, readStored } from "../stored.ts";
import { type Projection, type ProjectionRow, rowFor } from "../projections/projection.ts";

const pageSize = 1000;

interface AggregateBody {
  readonly kind: AggregateKind;
  readonly id: string;
  readonly rev: number;
  /** Null where an event removed it. */
  readonly state: unknown;
  readonly origin: readonly [lane: number, seq: number] | null;
}

const aggregatePrefix = "aggregate/";
const projectionPrefix = "projection/";
const doneName = "done";

const key = (tenant: string, name: string) => ({ pk: partition(tenant, "S"), sk: name });

export async function readSnapshots(
  table: Table,
  tenant: string,
  after: string,
  limit: number,
): Promise<readonly LogSnapshot[]> {
  const page = await table.query({ pk: partition(tenant, "S"), after, limit, consistent: true });
  return page.items.map(({ sk, body }) => ({ name: sk, body }));
}

/** Every aggregate of which events were removed, a page at a time. */
export async function* aggregateSnapshots(log: EventLog, tenant: string): AsyncGenerator<readonly Snapshot[]> {
  for (let after = aggregatePrefix; ; ) {
    const page = await log.snapshots(tenant, after, pageSize);
    const own = page.filter(({ name }) => name.startsWith(aggregatePrefix));
    yield own.map(({ body }) => parseAggregate(body));
    after = own.at(-1)?.name ?? "";
    if (own.length < pageSize) return;
  }
}

const isOrigin = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 2 && value.every(isCount));

const aggregateShape = {
  kind: (value: unknown) => isText(value) && aggregateKinds.includes(value as AggregateKind),
  id: isText,
  rev: isCount,
  state: (value: unknown) => value === null || isObject(value),
  origin: isOrigin,
};

function parseAggregate(body: string): Snapshot {
  const { kind, id, rev, state, origin } = readStored<AggregateBody>(
    body,
    "the snapshot of an aggregate",
    aggregateShape,
  );
  return {
    kind,
    id,
    rev,
    state: (state ?? undefined) as Snapshot["state"],
    origin: origin === null ? undefined : { lane: origin[0], seq: origin[1] },
  };
}

interface Stored {
  /** Of the stored item; 0 where there is none. */
  readonly itemRev: number;
  readonly body: string | undefined;
}

async function stored(table: Table, tenant: string, name: string): Promise<Stored> {
  const item = await table.get(key(tenant, name), { consistent: true });
  return { itemRev: item?.rev ?? 0, body: item?.body };
}

const write = (tenant: string, name: string, { itemRev }: Stored, body: object): Write => ({
  put: { ...key(tenant, name), rev: itemRev + 1, body: JSON.stringify(body) },
  if: itemRev === 0 ? "absent" : { rev: itemRev },
});

const aggregateName = (kind: AggregateKind, id: string): string => `${aggregatePrefix}${kind}/${id}`;

export interface StoredAggregate {
  /** Undefined where no event of it was removed yet. */
  readonly snapshot: Snapshot | undefined;
  /** Puts the next one in its place. */
  next(snapshot: Snapshot): Write;
}

export async function readAggregate(
  table: Table,
  tenant: string,
  kind: AggregateKind,
  id: string,
): Promise<StoredAggregate> {
  const name = aggregateName(kind, id);
  const before = await stored(table, tenant, name);
  return {
    snapshot: before.body === undefined ? undefined : parseAggregate(before.body),
    next({ rev, state, origin }) {
      const body: AggregateBody = {
        kind,
        id,
        rev,
        state: state ?? null,
        origin: origin === undefined ? null : [origin.lane, origin.seq],
      };
      return write(tenant, name, before, body);
    },
  };
}

/**
 * What an earlier shape of the projection remembers of events that are gone is kept, and what it did not know yet begins here.
 * @returns undefined where no event was removed yet
 */
export async function projectionSnapshot<S>(
  log: EventLog,
  tenant: string,
  projection: Projection<S>,
): Promise<ProjectionRow<S> | undefined> {
  const wanted = projectionPrefix + projection.name;
  // The name itself is not behind itself: ask from just before it.
  const [found] = await log.snapshots(tenant, wanted.slice(0, -1), 1);
  if (found?.name !== wanted) return undefined;
  const { shape, cursor, state } = JSON.parse(found.body) as ProjectionRow<S>;
  return rowFor(projection, cursor, shape === projection.shape ? state : { ...projection.initial, ...state });
}

export async function projectionWrite(
  table: Table,
  tenant: string,
  name: string,
  row: ProjectionRow<unknown>,
): Promise<Write> {
  const before = await stored(table, tenant, projectionPrefix + name);
  return write(tenant, projectionPrefix + name, before, row);
}

/** Number of the last cut whose events are all removed. */
export async function readDone(table: Table, tenant: string): Promise<number> {
  const { body } = await stored(table, tenant, doneName);
  return body === undefined
    ? 0
    : readStored<{ readonly cut: number }>(body, "how far the log is pruned", { cut: isCount }).cut;
}

export async function doneWrite(table: Table, tenant: string, cut: number): Promise<Write> {
  return write(tenant, doneName, await stored(table, tenant, doneName), { cut });
}
