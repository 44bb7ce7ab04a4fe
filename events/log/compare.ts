/** Does what is stored say what the log says? Rebuilds everything derived and compares byte for byte (I2). */
import { FingerprintSet } from "#shared/crypto/fingerprints";
import type { EventLog } from "#shared/ports/event-log";
import type { Item, Key, Table } from "#shared/ports/table";
import { partitionsBy, wholePartitions } from "./derived-partitions.ts";
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
export const sameItem = (a: Item | undefined, b: Item): boolean =>
  a !== undefined && a.rev === b.rev && a.body === b.body && a.view?.pk === b.view?.pk && a.view?.sk === b.view?.sk;

/** What the log says of an item, and what is stored; one of both where the other has none. */
export interface Difference {
  readonly key: Key;
  readonly wanted: Item | undefined;
  readonly stored: Item | undefined;
}

/**
 * The log must stand still meanwhile: a commit in between shows as a difference, and the next run does not.
 * @param share see `rebuildStates`
 */
export async function compareWithLog(log: EventLog, table: Table, tenant: string, share?: number): Promise<Comparison> {
  const differing: string[] = [];
  const items = await eachDifference(log, table, tenant, share, ({ key }) => {
    if (differing.length < maxDiffering) differing.push(nameOf(key));
  });
  return { items, differing };
}

/** @returns how many items the log says there should be */
export async function eachDifference(
  log: EventLog,
  table: Table,
  tenant: string,
  share: number | undefined,
  differs: (difference: Difference) => void,
): Promise<number> {
  const expected = new FingerprintSet();
  const partitions = new Set(wholePartitions(tenant));
  let items = 0;
  for await (const page of rebuildStates(log, tenant, share)) {
    for (const wanted of page) {
      const stored = await table.get(wanted, { consistent: true });
      if (!sameItem(stored, wanted)) differs({ key: wanted, wanted, stored });
      expected.add(nameOf(wanted));
      for (const pk of partitionsBy(tenant, wanted)) partitions.add(pk);
      items++;
    }
  }
  // What should not be there. Of 2^52 strangers one is taken for an expected item.
  for (const pk of partitions) {
    let after: string | undefined;
    do {
      const page = await table.query({ pk, limit: pageSize, consistent: true, ...(after !== undefined && { after }) });
      for (const stored of page.items)
        if (!expected.has(nameOf(stored))) differs({ key: stored, wanted: undefined, stored });
      after = page.cursor;
    } while (after !== undefined);
  }
  return items;
}
