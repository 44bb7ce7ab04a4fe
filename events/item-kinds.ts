/**
 * Every kind of stored item, by what becomes of it on rebuild and restore (I2). An item whose kind is not here does not
 * compile: a write asks for a `Partition`, and `partition` is the only way to one. Backup and rebuild go by this list.
 */
import { aggregateKinds, type AggregateKind } from "#shared/domain/aggregate";
import type { ItemClass } from "#shared/ports/item-class";
import type { Partition } from "#shared/ports/table";

const infrastructure = {
  L: "log", // lane: head and events
  C: "log", // signed checkpoints: where each ends in every lane, and the note
  S: "log", // snapshots in the place of events that retention removed
  V: "derived", // ordered views, kept with their items
  P: "derived", // projections: cursor and state
  N: "derived", // entries of indexes
  "U#idempotency": "ephemeral",
  "U#short-lived": "ephemeral", // nonces and transactions of protocols
  "U#listed": "ephemeral", // the same, where all must be found: browser sessions
  "O#attempt": "ephemeral", // delivery bookkeeping of an outbox entry
  "O#circuit": "ephemeral", // breaker of a destination
} as const satisfies Record<string, ItemClass>;

export type ItemKind = AggregateKind | keyof typeof infrastructure;

export const itemKinds: Readonly<Record<string, ItemClass>> = {
  ...Object.fromEntries(aggregateKinds.map((kind) => [kind, "derived"] as const)),
  ...infrastructure,
};

export const partition = (tenant: string, kind: ItemKind, suffix?: string): Partition =>
  (suffix === undefined ? `T#${tenant}#${kind}` : `T#${tenant}#${kind}#${suffix}`) as Partition;

/** The declared kind of a partition key, or undefined: tests and backup ask this of every stored row. */
export function kindOf(pk: string): ItemKind | undefined {
  const rest = pk.split("#").slice(2);
  const candidates = [rest.slice(0, 2).join("#"), rest[0] ?? ""];
  return candidates.find((kind): kind is ItemKind => Object.hasOwn(itemKinds, kind));
}
