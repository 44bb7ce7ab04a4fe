/**
 * Removes what events say, cut by cut, once an archive holds it. What stays is the chain, the tree, the states that the
 * events brought about, and every event whose certificate has not expired. It may be cut off anywhere and run again:
 * snapshots are written before the events go, and count only what lies behind them.
 */
import type { AggregateKind } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import type { EventLog, LoggedEvent, Snapshot } from "#shared/ports/event-log";
import type { Clock } from "#shared/ports/clock";
import { maxTransactionBytes, maxWrites, type Table, type TableStore, type Write } from "#shared/ports/table";
import { sha256Hex } from "#shared/crypto/hash";
import { type Cut, noCut, readCut } from "../checkpoints/cut.ts";
import { eventKey } from "../log/keys.ts";
import { happened, prunedBody } from "../log/record.ts";
import { isNextRevision } from "../log/revision.ts";
import { absent, evolveSnapshot } from "../log/state-row.ts";
import { entryKeys } from "../projections/index-entries.ts";
import { projections } from "../projections/registry.ts";
import { catchUp } from "../projections/runner.ts";
import { type Projection, rowFor } from "../projections/projection.ts";
import { doneWrite, projectionSnapshot, projectionWrite, readAggregate, readDone } from "./snapshot.ts";

export interface PruneDeps {
  readonly log: EventLog;
  readonly tables: TableStore;
  readonly clock: Clock;
}

const pageSize = 1000;

/**
 * Heads of several lanes are not read in one moment, so a cut may hold a later revision of an aggregate and lack an earlier
 * one: then it goes together with the next. What is so split by the last one stays until a later prune.
 * @throws Failure `conflict` when a read model still needs the events
 */
export async function pruneTo(deps: PruneDeps, tenant: string, last: number): Promise<void> {
  const table = deps.tables.tenant(tenant);
  const done = await readDone(table, tenant);
  let before = done === 0 ? undefined : await readCut(table, tenant, done);
  for (let n = done + 1; n <= last; n++) {
    const cut = await readCut(table, tenant, n);
    if (cut === undefined) throw new Failure("not_found", `there is no cut ${n} of the log`);
    if (await pruneCut(deps, table, tenant, before ?? noCut(cut.heads.length), cut)) before = cut;
  }
}

/** Refuses before anything is recorded. @throws as `pruneTo` */
export async function assertPrunable(deps: PruneDeps, tenant: string, cut: Cut): Promise<void> {
  for (const projection of projections) {
    const { cursor } = await catchUp(deps, tenant, projection as Projection<unknown>);
    const behind = cut.heads.find(({ lane, seq }) => (cursor.lanes[lane] ?? 0) < seq);
    if (behind !== undefined)
      throw new Failure(
        "conflict",
        `projection ${projection.name} stands at event ${cursor.lanes[behind.lane]} of lane ${behind.lane} and still needs those behind it; see \`trstctl audit state\``,
      );
  }
}

/** @returns false, and nothing is done, where the cut splits the history of an aggregate */
async function pruneCut(deps: PruneDeps, table: Table, tenant: string, before: Cut, cut: Cut): Promise<boolean> {
  await assertPrunable(deps, tenant, cut);
  const events: LoggedEvent[] = [];
  for (const { lane, seq } of cut.heads)
    for await (const event of eventsBetween(deps.log, tenant, lane, before.heads[lane]?.seq ?? 0, seq))
      events.push(event);
  const states = await stateWrites(table, tenant, events);
  if (states === undefined) return false;
  await inBatches(table, states);
  for (const projection of projections as readonly Projection<unknown>[])
    await inBatches(table, [await projectionAt(deps.log, table, tenant, projection, cut, events)]);
  const now = deps.clock.now();
  const leaving = events.filter((event) => !isHeld(event, now));
  await inBatches(
    table,
    leaving.flatMap((event) => entryKeys(tenant, projections, event)).map((key) => ({ delete: key })),
  );
  await inBatches(
    table,
    leaving.map((event) => removal(tenant, event)),
  );
  await inBatches(table, [await doneWrite(table, tenant, cut.n)]);
  return true;
}

async function* eventsBetween(
  log: EventLog,
  tenant: string,
  lane: number,
  from: number,
  to: number,
): AsyncGenerator<LoggedEvent> {
  for (let after = from; after < to; ) {
    const page = (await log.read(tenant, lane, after, pageSize)).filter(({ seq }) => seq <= to);
    yield* page;
    after = page.at(-1)?.seq ?? to;
  }
}

/** The DER of a certificate stands in its event alone: it stays as long as the certificate may be asked for. */
function isHeld({ event: { data } }: LoggedEvent, now: number): boolean {
  return "der" in data && "not_after" in data && Date.parse(data.not_after) > now;
}

function removal(tenant: string, { lane, seq, hash, bytes, event: { data } }: LoggedEvent): Write {
  const signed = "tbs_sha256" in data ? data.tbs_sha256 : undefined;
  const pruned = { sha256: sha256Hex(bytes), ...(signed !== undefined && { signed }) };
  return { put: { ...eventKey(tenant, lane, seq), rev: 2, body: prunedBody(hash, pruned) }, if: { rev: 1 } };
}

/** The states after these events. @returns undefined where one of them lacks a revision before it */
async function stateWrites(table: Table, tenant: string, events: readonly LoggedEvent[]): Promise<Write[] | undefined> {
  const steps = new Map<string, { kind: AggregateKind; id: string; steps: { rev: number; event: LoggedEvent }[] }>();
  for (const event of events)
    for (const [kind, id, rev] of event.writes) {
      const entry = steps.get(`${kind}/${id}`) ?? { kind, id, steps: [] };
      entry.steps.push({ rev, event });
      steps.set(`${kind}/${id}`, entry);
    }
  const writes: Write[] = [];
  for (const { kind, id, steps: all } of steps.values()) {
    const stored = await readAggregate(table, tenant, kind, id);
    let snapshot: Snapshot = stored.snapshot ?? absent(kind, id);
    for (const { rev, event } of all.sort((a, b) => a.rev - b.rev)) {
      if (rev <= snapshot.rev) continue;
      if (!isNextRevision(snapshot.rev, rev)) return undefined;
      snapshot = evolveSnapshot(snapshot, rev, event.event, happened(event), event);
    }
    if (snapshot.rev > (stored.snapshot?.rev ?? 0)) writes.push(stored.next(snapshot));
  }
  return writes;
}

async function projectionAt(
  log: EventLog,
  table: Table,
  tenant: string,
  projection: Projection<unknown>,
  cut: Cut,
  events: readonly LoggedEvent[],
): Promise<Write> {
  const before = await projectionSnapshot(log, tenant, projection);
  const lanes = before?.cursor.lanes ?? cut.heads.map(() => 0);
  let state = before?.state ?? projection.initial;
  for (const event of events) if (event.seq > (lanes[event.lane] ?? 0)) state = projection.apply(state, event);
  const row = rowFor(projection, { lanes: cut.heads.map(({ seq }) => seq), quarantined: [] }, state);
  return projectionWrite(table, tenant, projection.name, row);
}

async function inBatches(table: Table, writes: readonly Write[]): Promise<void> {
  let batch: Write[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const outcome = await table.transact(batch);
    if (!outcome.ok)
      throw new Failure("conflict", "somebody else prunes this log at the same time; try again", { retryAfter: 1 });
    [batch, bytes] = [[], 0];
  };
  for (const write of writes) {
    if (batch.length === maxWrites || bytes + sizeOf(write) > maxTransactionBytes) await flush();
    batch.push(write);
    bytes += sizeOf(write);
  }
  await flush();
}

/** At least what the adapters count. */
const sizeOf = (write: Write): number => ("put" in write ? Buffer.byteLength(write.put.body) : 0) + 1024;
