/** The stored form of an aggregate: where it came into being, and its state. Live writes and rebuild share it. */
import type { Aggregate, AggregateKind, Happened } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import { aggregates, type States } from "#shared/domain/registry";
import type { Position, Snapshot } from "#shared/ports/event-log";
import type { Item } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { isCount, isObject, readStored, type Shape } from "../stored.ts";
import { stateKey } from "./keys.ts";

interface StateRow {
  readonly origin: readonly [lane: number, seq: number];
  readonly state: unknown;
}

const shape: Shape = {
  origin: (value) => Array.isArray(value) && isCount(value[0]) && isCount(value[1]),
  state: isObject,
};

/** Adapters may give the same item again; states are never written to, so its parsed form may be given again too. */
const parsed = new WeakMap<Item, StateRow>();

export const absent = <K extends AggregateKind>(kind: K, id: string): Snapshot<K> => ({
  kind,
  id,
  rev: 0,
  state: undefined,
  origin: undefined,
});

export function readState<K extends AggregateKind>(
  kind: K,
  id: string,
  item: Item,
): Snapshot<K> & { state: States[K] } {
  const row = parsed.get(item) ?? readStored<StateRow>(item.body, `the state of ${kind} ${id}`, shape);
  parsed.set(item, row);
  return {
    kind,
    id,
    rev: item.rev,
    state: row.state as States[K],
    origin: { lane: row.origin[0], seq: row.origin[1] },
  };
}

/** Where the aggregate of a stored item came into being. @throws Failure `corrupt` */
export function originOf(item: Item): Position {
  const [lane, seq] = readStored<StateRow>(item.body, `the state at ${item.pk} ${item.sk}`, shape).origin;
  return { lane, seq };
}

/** The aggregate after an event, which brings it to `rev`. `state` undefined: the event removed it. */
export function evolveSnapshot(
  before: Snapshot,
  rev: number,
  event: DomainEvent,
  happened: Happened,
  at: Position,
): Snapshot {
  const aggregate = aggregates[before.kind] as Aggregate<unknown>;
  const state = aggregate.evolve(before.state, event, happened, before.id) as Snapshot["state"];
  return { kind: before.kind, id: before.id, rev, state, origin: before.origin ?? at };
}

/** @throws TypeError for a snapshot without state */
export function stateItem(tenant: string, snapshot: Snapshot): Item {
  const { kind, id, rev, state, origin } = snapshot;
  if (state === undefined || origin === undefined) throw new TypeError(`${kind} ${id} has no state to store`);
  const row: StateRow = { origin: [origin.lane, origin.seq], state };
  const aggregate = aggregates[kind] as Aggregate<unknown>;
  const view = aggregate.view?.(state);
  const item = { ...stateKey(tenant, kind, id), rev, body: JSON.stringify(row) };
  return view === undefined
    ? item
    : { ...item, view: { pk: partition(tenant, "V", view.name), sk: `${view.sort}#${id}` } };
}
