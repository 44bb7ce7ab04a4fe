/**
 * Brings a projection up to the log: state and cursor in one conditional write, so an event counts exactly once however
 * often, late or doubled the wake came. An event that cannot be applied quarantines its lane for this projection and this
 * tenant alone; everything else goes on.
 */
import { Failure, isFailure } from "#shared/kernel/failure";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { Item, Table, TableStore } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { entryItems, writeEntries } from "./index-entries.ts";
import { projectionSnapshot } from "../retention/snapshot.ts";
import { isObject, readStored } from "../stored.ts";
import { type Projection, type ProjectionRow, rowFor } from "./projection.ts";

export interface RunnerDeps {
  readonly log: EventLog;
  readonly tables: TableStore;
}

const batch = 500;
const maxRaces = 20;

export const projectionKey = (tenant: string, name: string) => ({ pk: partition(tenant, "P", name), sk: "CURSOR" });

const rowOf = <S>(name: string, item: Item): ProjectionRow<S> =>
  readStored(item.body, `projection ${name}`, { cursor: isObject, state: (state) => state !== undefined });

export async function readProjection<S>(
  table: Table,
  tenant: string,
  projection: Projection<S>,
): Promise<ProjectionRow<S> | undefined> {
  const item = await table.get(projectionKey(tenant, projection.name));
  return item === undefined ? undefined : present(projection, item);
}

/** @returns undefined for a row of an earlier shape, which is as none */
function present<S>({ name, shape }: Projection<S>, item: Item): ProjectionRow<S> | undefined {
  const row = rowOf<S>(name, item);
  return row.shape === shape ? row : undefined;
}

/** @param follow is given what is new before the cursor moves: each event at least once; what it throws stops the run */
export async function catchUp<S>(
  { log, tables }: RunnerDeps,
  tenant: string,
  projection: Projection<S>,
  follow?: (events: readonly LoggedEvent[]) => Promise<void>,
): Promise<ProjectionRow<S>> {
  const table = tables.tenant(tenant);
  for (let race = 0; ; ) {
    const item = await table.get(projectionKey(tenant, projection.name), { consistent: true });
    const row = (item && present(projection, item)) ?? (await startOf(log, tenant, projection));
    const next = await advance(log, tenant, projection, row);
    if (next === undefined) return row;
    // Before the cursor: cut off in between, they are written again.
    await writeEntries(
      table,
      next.applied.flatMap((event) => entryItems(tenant, projection, event)),
    );
    await follow?.(next.applied);
    const outcome = await table.transact([
      {
        put: rowItem(tenant, projection.name, (item?.rev ?? 0) + 1, next.row),
        if: item === undefined ? "absent" : { rev: item.rev },
      },
    ]);
    // What has come since rings by itself.
    if (outcome.ok && !next.more) return next.row;
    // Someone else moved it: look again. Losing for ever would be a defect, not contention.
    if (!outcome.ok && ++race > maxRaces)
      throw new Error(`projection ${projection.name} of ${tenant} is moved by too many`);
  }
}

/**
 * The next run tries again what could not be applied: from where it stopped, so nothing counts twice. What is still poison
 * is quarantined again, and the row is what it was.
 */
export async function liftQuarantine<S>(
  { tables }: Pick<RunnerDeps, "tables">,
  tenant: string,
  projection: Projection<S>,
) {
  const table = tables.tenant(tenant);
  for (let race = 0; race < maxRaces; race++) {
    const item = await table.get(projectionKey(tenant, projection.name), { consistent: true });
    const row = item && rowOf<S>(projection.name, item);
    if (item === undefined || row === undefined || row.cursor.quarantined.length === 0) return;
    const lifted = { ...row, cursor: { ...row.cursor, quarantined: [] } };
    const put = rowItem(tenant, projection.name, item.rev + 1, lifted);
    if ((await table.transact([{ put, if: { rev: item.rev } }])).ok) return;
  }
  throw new Failure("conflict", `projection ${projection.name} moves all the time; try again`, { retryAfter: 1 });
}

/** The row that a replay from the start gives; for the comparison after a rebuild. */
export async function replayProjection<S>(
  log: EventLog,
  tenant: string,
  projection: Projection<S>,
): Promise<ProjectionRow<S>> {
  let row = await startOf(log, tenant, projection);
  for (;;) {
    const next = await advance(log, tenant, projection, row);
    if (next === undefined) return row;
    row = next.row;
  }
}

/** @throws Failure `corrupt` for a projection that would need events which retention removed before it was there */
async function startOf<S>(log: EventLog, tenant: string, projection: Projection<S>): Promise<ProjectionRow<S>> {
  const { name, initial } = projection;
  const snapshot = await projectionSnapshot(log, tenant, projection);
  if (snapshot !== undefined) return snapshot;
  if ((await log.snapshots(tenant, "", 1)).length > 0)
    throw new Failure(
      "corrupt",
      `projection ${name} needs events that retention removed: restore a backup from before that, then prune again`,
    );
  const cursor = { lanes: (await log.heads(tenant)).map(() => 0), quarantined: [] };
  return rowFor(projection, cursor, initial);
}

const rowItem = (tenant: string, name: string, rev: number, row: ProjectionRow<unknown>): Item => ({
  ...projectionKey(tenant, name),
  rev,
  body: JSON.stringify(row),
});

interface Advanced<S> {
  /** A lane was not read to its end. */
  readonly more: boolean;
  readonly row: ProjectionRow<S>;
  readonly applied: readonly LoggedEvent[];
}

/** @returns undefined when nothing new can be applied. */
async function advance<S>(
  log: EventLog,
  tenant: string,
  projection: Projection<S>,
  row: ProjectionRow<S>,
): Promise<Advanced<S> | undefined> {
  const lanes = [...row.cursor.lanes];
  const quarantined = [...row.cursor.quarantined];
  const applied: LoggedEvent[] = [];
  let { state } = row;
  let moved = false;
  let more = false;
  for (const [lane, seq] of row.cursor.lanes.entries()) {
    if (quarantined.some((poisoned) => poisoned.lane === lane)) continue;
    const events = await readable(log, tenant, lane, seq);
    more ||= events.good.length >= batch;
    for (const event of events.good) {
      try {
        state = projection.apply(state, event);
      } catch (error) {
        events.poison = { seq: event.seq, error };
        break;
      }
      lanes[lane] = event.seq;
      applied.push(event);
      moved = true;
    }
    if (events.poison !== undefined) {
      quarantined.push({ lane, seq: events.poison.seq, error: errorText(events.poison.error) });
      moved = true;
    }
  }
  // In the order of the lanes, not of the discoveries: a replay meets them in another.
  const cursor = { lanes, quarantined: quarantined.sort((a, b) => a.lane - b.lane) };
  return moved ? { row: rowFor(projection, cursor, state), applied, more } : undefined;
}

interface Readable {
  readonly good: readonly LoggedEvent[];
  poison?: { readonly seq: number; readonly error: unknown };
}

/** Events up to the first that cannot be decoded. */
async function readable(log: EventLog, tenant: string, lane: number, after: number): Promise<Readable> {
  try {
    return { good: await log.read(tenant, lane, after, batch) };
  } catch (error) {
    if (!isFailure(error, "corrupt")) throw error;
  }
  const good: LoggedEvent[] = [];
  for (let seq = after; ; ) {
    try {
      const [event] = await log.read(tenant, lane, seq, 1);
      if (event === undefined) return { good };
      good.push(event);
      seq = event.seq;
    } catch (error) {
      if (!isFailure(error, "corrupt")) throw error;
      return { good, poison: { seq: seq + 1, error } };
    }
  }
}

const errorText = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 300);
