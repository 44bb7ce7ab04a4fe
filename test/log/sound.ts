/** What must be true of any tenant's log, whatever happened before. */
import { expect } from "vitest";
import { itemKinds, kindOf } from "#events/item-kinds";
import { chainHash } from "#events/log/chain";
import { readAll, rebuildStates } from "#events/log/rebuild";
import { projections } from "#events/projections/registry";
import { soundIndex } from "#events/projections/index-entries";
import { catchUp, replayProjection } from "#events/projections/runner";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { Item, TableStore } from "#shared/ports/table";

/** Sequence without a gap, chain from the first event to the head. @returns every event */
export async function expectSoundChain(log: EventLog, tenant: string): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const event of readAll(log, tenant)) events.push(event);
  for (const head of await log.heads(tenant)) {
    let prev = "";
    let seq = 0;
    for (const event of events.filter(({ lane }) => lane === head.lane)) {
      expect(event.seq).toBe(++seq);
      const hash = chainHash({ tenant, lane: head.lane, seq, prev, event: event.bytes });
      expect(event.hash).toBe(hash);
      prev = hash;
    }
    expect(head).toEqual({ lane: head.lane, seq, hash: prev });
  }
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  return events;
}

const byKey = (a: Item, b: Item): number => (a.pk === b.pk ? (a.sk < b.sk ? -1 : 1) : a.pk < b.pk ? -1 : 1);

/** Every row is of a declared kind, and every derived one is what the log alone gives, byte for byte (I2). */
export async function expectRebuildable(
  { log, tables, rows }: { log: EventLog; tables: TableStore; rows: readonly Item[] },
  tenant: string,
): Promise<void> {
  for (const { pk } of rows) expect(kindOf(pk), `the kind of ${pk} is not declared`).toBeDefined();
  const states = rows.filter(({ pk }) => {
    const kind = kindOf(pk) ?? "";
    return itemKinds[kind] === "derived" && kind !== "P" && kind !== "N";
  });
  // At once and in shares of a few aggregates: the same.
  for (const share of [undefined, 3]) {
    const rebuilt: Item[] = [];
    for await (const items of rebuildStates(log, tenant, share)) rebuilt.push(...items);
    expect(states.toSorted(byKey)).toEqual(rebuilt.sort(byKey));
  }
  for (const projection of projections) {
    const live = await catchUp({ log, tables }, tenant, projection);
    expect(JSON.stringify(live)).toBe(JSON.stringify(await replayProjection(log, tenant, projection)));
    expect(await soundIndex(log, tables.tenant(tenant), tenant, projection)).toBe(true);
  }
}
