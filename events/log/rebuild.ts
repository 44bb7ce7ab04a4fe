/**
 * Rebuild of every derived item from the log alone (I2). Each event names the revision that it brings each aggregate to,
 * so the order within an aggregate is known even where its events stand in different lanes.
 */
import type { AggregateKind } from "#shared/domain/aggregate";
import { fingerprint } from "#shared/crypto/fingerprints";
import { Failure } from "#shared/kernel/failure";
import type { EventLog, LoggedEvent, Position, Snapshot } from "#shared/ports/event-log";
import type { Item } from "#shared/ports/table";
import { aggregateSnapshots } from "../retention/snapshot.ts";
import { happened } from "./record.ts";
import { isNextRevision } from "./revision.ts";
import { absent, evolveSnapshot, stateItem } from "./state-row.ts";

const pageSize = 1000;

/** Every event of a tenant, lane by lane, ascending, a page at a time. */
export async function* readPages(log: EventLog, tenant: string): AsyncGenerator<readonly LoggedEvent[]> {
  for (const { lane } of await log.heads(tenant)) {
    for (let after = 0; ; ) {
      const page = await log.read(tenant, lane, after, pageSize);
      const last = page.at(-1);
      if (last === undefined) break;
      yield page;
      if (page.length < pageSize) break;
      after = last.seq;
    }
  }
}

export async function* readAll(log: EventLog, tenant: string): AsyncGenerator<LoggedEvent> {
  for await (const page of readPages(log, tenant)) yield* page;
}

/** With the events that made them some 200 MB. */
const usualShare = 50_000;

/**
 * The items that the log says there should be, in no particular order, a share of the aggregates at a time: however long
 * the log is, one share is in memory.
 * @param share about how many aggregates
 * @throws Failure `corrupt` when a revision is missing or doubled
 */
export async function* rebuildStates(
  log: EventLog,
  tenant: string,
  share = usualShare,
): AsyncGenerator<readonly Item[]> {
  const length = (await log.heads(tenant)).reduce((sum, { seq }) => sum + seq, 0);
  const shares = Math.max(1, Math.ceil(length / share));
  if (shares === 1) {
    yield rebuildShare(tenant, aggregateSnapshots(log, tenant), readPages(log, tenant), () => true);
    return;
  }
  const positions = await positionsOf(log, tenant, shares);
  for (const [number, events] of positions.entries()) {
    const mine = (kind: AggregateKind, id: string): boolean => shareOf(kind, id, shares) === number;
    yield rebuildShare(tenant, aggregateSnapshots(log, tenant), readEach(log, tenant, events), mine);
  }
}

const shareOf = (kind: AggregateKind, id: string, shares: number): number => fingerprint(`${kind}/${id}`) % shares;

/** Where the events of each share stand. */
async function positionsOf(log: EventLog, tenant: string, shares: number): Promise<readonly Position[][]> {
  const positions: Position[][] = Array.from({ length: shares }, () => []);
  for await (const page of readPages(log, tenant)) {
    for (const { lane, seq, writes } of page) {
      const touched = new Set(writes.map(([kind, id]) => shareOf(kind, id, shares)));
      for (const number of touched) positions[number]?.push({ lane, seq });
    }
  }
  return positions;
}

async function* readEach(
  log: EventLog,
  tenant: string,
  positions: readonly Position[],
): AsyncGenerator<readonly LoggedEvent[]> {
  for (const { lane, seq } of positions) yield log.read(tenant, lane, seq - 1, 1);
}

type Mine = (kind: AggregateKind, id: string) => boolean;

interface Steps {
  readonly kind: AggregateKind;
  readonly id: string;
  /** What the events that retention removed made of it. */
  readonly start: Snapshot;
  readonly steps: { readonly rev: number; readonly event: LoggedEvent }[];
}

async function rebuildShare(
  tenant: string,
  snapshots: AsyncIterable<readonly Snapshot[]>,
  pages: AsyncIterable<readonly LoggedEvent[]>,
  mine: Mine,
): Promise<readonly Item[]> {
  const byAggregate = new Map<string, Steps>();
  for await (const page of snapshots)
    for (const start of page)
      if (mine(start.kind, start.id))
        byAggregate.set(`${start.kind}/${start.id}`, { kind: start.kind, id: start.id, start, steps: [] });
  for await (const page of pages) {
    for (const event of page) {
      for (const [kind, id, rev] of event.writes) {
        if (!mine(kind, id)) continue;
        const key = `${kind}/${id}`;
        const entry = byAggregate.get(key) ?? { kind, id, start: absent(kind, id), steps: [] };
        if (rev > entry.start.rev) entry.steps.push({ rev, event });
        byAggregate.set(key, entry);
      }
    }
  }
  const items: Item[] = [];
  for (const { start, steps } of byAggregate.values()) {
    const state = replay(
      start,
      steps.sort((a, b) => a.rev - b.rev),
    );
    if (state.state !== undefined) items.push(stateItem(tenant, state));
  }
  return items;
}

function replay(start: Snapshot, steps: readonly { rev: number; event: LoggedEvent }[]): Snapshot {
  const { kind, id } = start;
  let snapshot = start;
  for (const { rev, event } of steps) {
    if (!isNextRevision(snapshot.rev, rev))
      throw new Failure(
        "corrupt",
        `${kind} ${id}: revision ${snapshot.rev} is followed by ${rev} (event ${event.seq} of lane ${event.lane})`,
      );
    snapshot = evolveSnapshot(snapshot, rev, event.event, happened(event), event);
  }
  return snapshot;
}
