/**
 * Every kind of stored item, by what becomes of it on rebuild and restore (I2). A partition whose kind is not here cannot
 * be built: `partition` is the only way to one.
 *
 * log: the truth itself. derived: rebuilt from the log byte for byte. ephemeral: expires; lost on restore.
 */
import { aggregateKinds, type AggregateKind } from "#shared/domain/aggregate";

export type ItemClass = "log" | "derived" | "ephemeral";

const infrastructure = {
  L: "log", // lane: head and events
  V: "derived", // ordered views, kept with their items
  P: "derived", // projections: cursor and rows
  "U#idempotency": "ephemeral",
  "O#attempt": "ephemeral", // delivery bookkeeping of an outbox entry
} as const satisfies Record<string, ItemClass>;

export type ItemKind = AggregateKind | keyof typeof infrastructure;

export const itemKinds: Readonly<Record<string, ItemClass>> = {
  ...Object.fromEntries(aggregateKinds.map((kind) => [kind, "derived"] as const)),
  ...infrastructure,
};

export const partition = (tenant: string, kind: ItemKind, suffix?: string): string =>
  suffix === undefined ? `T#${tenant}#${kind}` : `T#${tenant}#${kind}#${suffix}`;

/** The declared kind of a partition key, or undefined: the architecture test asks this of every stored row. */
export function kindOf(pk: string): ItemKind | undefined {
  const rest = pk.split("#").slice(2);
  const candidates = [rest.slice(0, 2).join("#"), rest[0] ?? ""];
  return candidates.find((kind): kind is ItemKind => Object.hasOwn(itemKinds, kind));
}
