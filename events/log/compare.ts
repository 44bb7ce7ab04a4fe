/** Does what is stored say what the log says? Rebuilds everything derived and compares byte for byte (I2). */
import { aggregateKinds } from "#shared/domain/aggregate";
import { aggregates } from "#shared/domain/registry";
import type { EventLog } from "#shared/ports/event-log";
import type { Item, Key, Table } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { rebuildStates } from "./rebuild.ts";

export interface Comparison {
  /** Items that the log says there should be. */
  readonly items: number;
  /** `<partition> <sort>` of up to 100 items that differ, are missing, or should not be there. */
  readonly differing: readonly string[];
}

const maxDiffering = 100;
const pageSize = 1000;
const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
const sameItem = (a: Item | undefined, b: Item): boolean =>
  a !== undefined && a.rev === b.rev && a.body === b.body && a.view?.pk === b.view?.pk && a.view?.sk === b.view?.sk;

/** The log must stand still meanwhile: a commit in between shows as a difference, and the next run does not. */
export async function compareWithLog(log: EventLog, table: Table, tenant: string): Promise<Comparison> {
  const expected = new Map((await rebuildStates(log, tenant)).map((item) => [nameOf(item), item] as const));
  const differing: string[] = [];
  const stored = new Set<string>();
  for (const pk of partitionsOf(tenant, expected.values())) {
    let after: string | undefined;
    do {
      const page = await table.query({ pk, limit: pageSize, consistent: true, ...(after !== undefined && { after }) });
      for (const item of page.items) {
        stored.add(nameOf(item));
        const wanted = expected.get(nameOf(item));
        if (wanted === undefined || !sameItem(item, wanted)) differing.push(nameOf(item));
      }
      after = page.cursor;
    } while (after !== undefined);
  }
  for (const name of expected.keys()) if (!stored.has(name)) differing.push(name);
  return { items: expected.size, differing: differing.slice(0, maxDiffering) };
}

function partitionsOf(tenant: string, items: Iterable<Item>): Set<string> {
  const partitions = new Set(
    aggregateKinds.filter((kind) => aggregates[kind].partitioned !== true).map((kind) => partition(tenant, kind)),
  );
  for (const { pk } of items) partitions.add(pk);
  return partitions;
}
