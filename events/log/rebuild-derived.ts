/** Makes the stored state what the log says: writes what is missing or other, removes what should not be there (I2). */
import { FingerprintSet } from "#shared/crypto/fingerprints";
import { Failure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";
import type { Item, Key, Table, Write } from "#shared/ports/table";
import { followers } from "../projections/registry.ts";
import { projectionKey } from "../projections/runner.ts";
import { sameItem } from "./compare.ts";
import { partitionsBy, wholePartitions } from "./derived-partitions.ts";
import { lostEventsOf } from "./lost-events.ts";
import { stateKey } from "./keys.ts";
import { rebuildStates } from "./rebuild.ts";

const pageSize = 1000;
const atOnce = 25;
const maxBytes = 2_000_000;
const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

/**
 * Nobody else may write meanwhile. Projections are dropped: they begin anew with the next wake.
 * @param guard must hold for every write of it
 * @throws Failure `conflict` when it does not; what was written until then is right or is written again
 */
export async function rebuildDerived(log: EventLog, table: Table, tenant: string, guard: Write): Promise<void> {
  const write = async (writes: readonly Write[]): Promise<void> => {
    for (let done = false; !done; ) {
      const outcome = await table.transact([guard, ...writes]);
      done = outcome.ok;
      if (!outcome.ok && !outcome.contended)
        throw new Failure("conflict", `the rebuild of tenant ${tenant} was overtaken: look what came in between`);
    }
  };

  for (const name of followers) await write([{ delete: projectionKey(tenant, name) }]);
  const expected = new FingerprintSet();
  const partitions = new Set(wholePartitions(tenant));
  // Events that were set aside say where their states may have arrived without them.
  for await (const { writes } of lostEventsOf(table, tenant))
    for (const [kind, id] of writes) partitions.add(stateKey(tenant, kind, id).pk);
  for await (const items of rebuildStates(log, tenant)) {
    const other: Item[] = [];
    for (const item of items) {
      expected.add(nameOf(item));
      for (const pk of partitionsBy(tenant, item)) partitions.add(pk);
      if (!sameItem(await table.get(item, { consistent: true }), item)) other.push(item);
    }
    for (const share of shares(other)) await write(share.map((put): Write => ({ put })));
  }
  for (const pk of partitions) await sweep(table, pk, expected, write);
}

async function sweep(
  table: Table,
  pk: string,
  expected: FingerprintSet,
  write: (writes: readonly Write[]) => Promise<void>,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await table.query({ pk, limit: pageSize, consistent: true, ...(after !== undefined && { after }) });
    const strangers = page.items.filter((item) => !expected.has(nameOf(item)));
    for (let at = 0; at < strangers.length; at += atOnce)
      await write(strangers.slice(at, at + atOnce).map((item): Write => ({ delete: { pk: item.pk, sk: item.sk } })));
    after = page.cursor;
  } while (after !== undefined);
}

/** As many as one transaction takes. */
function* shares(items: readonly Item[]): Generator<readonly Item[]> {
  let share: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = item.body.length * 3;
    if (share.length > 0 && (share.length === atOnce || bytes + size > maxBytes)) {
      yield share;
      share = [];
      bytes = 0;
    }
    share.push(item);
    bytes += size;
  }
  if (share.length > 0) yield share;
}
