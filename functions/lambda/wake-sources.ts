/**
 * What in the core table's stream rings for which wake function. A wake only says whose log moved; one that comes for
 * nothing costs a look, one that is lost comes with the next sweep.
 */
import { partition } from "#events/item-kinds";

export type WakeSource =
  /** Every new event. */
  | { readonly events: true }
  /** Every item that is written with an entry in this view: something waits there. */
  | { readonly view: string };

export const wakeSources = {
  projections: { events: true },
  outbox: { view: "outbox-pending" },
  "acme-validating": { view: "acme-validating" },
} as const satisfies Readonly<Record<string, WakeSource>>;

export type WakeName = keyof typeof wakeSources;
export const wakeNames = Object.keys(wakeSources) as readonly WakeName[];

/** End of a view entry's partition, whoever's it is. */
export const viewSuffix = (view: string): string => partition("", "V", view).slice("T#".length);

/** Filters of the event source: what no source names never starts the router. */
export const streamFilters: readonly object[] = Object.values<WakeSource>(wakeSources).map((source) =>
  "events" in source
    ? { eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "E#" }] } } } }
    : {
        eventName: ["INSERT", "MODIFY"],
        dynamodb: { NewImage: { vpk: { S: [{ suffix: viewSuffix(source.view) }] } } },
      },
);
