/**
 * Rebuild of every derived item from the log alone (I2). Each event names the revision that it brings each aggregate to,
 * so the order within an aggregate is known even where its events stand in different lanes.
 */
import type { AggregateKind } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import type { EventLog, LoggedEvent, Snapshot } from "#shared/ports/event-log";
import type { Item } from "#shared/ports/table";
import { happened } from "./record.ts";
import { absent, evolveSnapshot, stateItem } from "./state-row.ts";

const pageSize = 1000;

/** Every event of a tenant, lane by lane, ascending. */
export async function* readAll(log: EventLog, tenant: string): AsyncGenerator<LoggedEvent> {
  for (const head of await log.heads(tenant)) {
    let after = 0;
    for (;;) {
      const page = await log.read(tenant, head.lane, after, pageSize);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) break;
      after = last.seq;
    }
  }
}

/**
 * The items that the log says there should be, in no particular order.
 * @throws Failure `corrupt` when a revision is missing or doubled
 */
export async function rebuildStates(log: EventLog, tenant: string): Promise<readonly Item[]> {
  const byAggregate = new Map<
    string,
    { kind: AggregateKind; id: string; steps: { rev: number; event: LoggedEvent }[] }
  >();
  for await (const event of readAll(log, tenant)) {
    for (const [kind, id, rev] of event.writes) {
      const key = `${kind}/${id}`;
      const entry = byAggregate.get(key) ?? { kind, id, steps: [] };
      entry.steps.push({ rev, event });
      byAggregate.set(key, entry);
    }
  }
  const items: Item[] = [];
  for (const { kind, id, steps } of byAggregate.values()) {
    const state = replay(
      kind,
      id,
      steps.sort((a, b) => a.rev - b.rev),
    );
    if (state.state !== undefined) items.push(stateItem(tenant, state));
  }
  return items;
}

function replay(kind: AggregateKind, id: string, steps: readonly { rev: number; event: LoggedEvent }[]): Snapshot {
  let snapshot: Snapshot = absent(kind, id);
  for (const { rev, event } of steps) {
    if (rev !== snapshot.rev + 1)
      throw new Failure(
        "corrupt",
        `${kind} ${id}: revision ${snapshot.rev} is followed by ${rev} (event ${event.seq} of lane ${event.lane})`,
      );
    snapshot = evolveSnapshot(snapshot, event.event, happened(event), event);
  }
  return snapshot;
}
