/** Where the entries of an index stand. */
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { Item, Key, Table } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { readAll } from "../log/rebuild.ts";
import { isText, readStored } from "../stored.ts";
import type { IndexEntry, Projection } from "./projection.ts";

type Indexed = Pick<Projection<unknown>, "name" | "entries">;

/** Of one projection, in the order of the events. */
export const entryItems = (tenant: string, { name, entries }: Indexed, event: LoggedEvent): Item[] =>
  (entries?.(event) ?? []).map(({ sort, id }) => ({
    pk: partition(tenant, "N", name),
    sk: sort,
    rev: 1,
    body: JSON.stringify({ id }),
  }));

/** Without a condition, and each for itself, which costs half: the same entries again change nothing. */
export async function writeEntries(table: Table, items: readonly Item[]): Promise<void> {
  let missing: readonly Item[] = [...new Map(items.map((item) => [item.sk, item])).values()];
  while (missing.length > 0) {
    const some = missing.slice(0, batch);
    const outcomes = await Promise.all(some.map((put) => table.transact([{ put }])));
    missing = [...some.filter((_, n) => outcomes[n]?.ok !== true), ...missing.slice(batch)];
  }
}

/** Few enough that other work gets its turn between two batches. */
const batch = 50;

export interface FoundEntries {
  readonly found: readonly IndexEntry[];
  /** To go on; undefined at the end. */
  readonly cursor: string | undefined;
}

/** @param range bounds of the sort text, inclusive; `after` a cursor */
export async function findEntries(
  table: Table,
  tenant: string,
  { name }: Pick<Indexed, "name">,
  range: {
    readonly from: string;
    readonly to: string;
    readonly descending?: boolean;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<FoundEntries> {
  const { after, ...bounds } = range;
  const page = await table.query({
    pk: partition(tenant, "N", name),
    ...bounds,
    ...(after !== undefined && { after }),
  });
  const found = page.items.map((item) => ({
    sort: item.sk,
    id: readStored<{ id: string }>(item.body, `an entry of ${name}`, { id: isText }).id,
  }));
  return { found, cursor: page.cursor };
}

/** What goes with events that retention removes. */
export const entryKeys = (tenant: string, projections: readonly Indexed[], event: LoggedEvent): Key[] =>
  projections.flatMap((projection) => entryItems(tenant, projection, event).map(({ pk, sk }) => ({ pk, sk })));

/** True when the index holds what the events that are there put into it, byte for byte, and nothing else. */
export async function soundIndex(log: EventLog, table: Table, tenant: string, projection: Indexed): Promise<boolean> {
  let expected = 0;
  for await (const event of readAll(log, tenant)) {
    const items = new Map(entryItems(tenant, projection, event).map((item) => [item.sk, item]));
    expected += items.size;
    for (const item of items.values())
      if ((await table.get(item, { consistent: true }))?.body !== item.body) return false;
  }
  return expected === (await countEntries(table, tenant, projection));
}

async function countEntries(table: Table, tenant: string, { name }: Indexed): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await table.query({
      pk: partition(tenant, "N", name),
      limit: 1_000,
      consistent: true,
      ...(cursor !== undefined && { after: cursor }),
    });
    count += page.items.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}
