/** What the parts of the Table contract share. */
import type { Item, Partition, Table, TableStore } from "#shared/ports/table";
import type { ManualClock } from "./fixtures.ts";

export interface Context {
  readonly clock: ManualClock;
  store(): TableStore;
  /** A tenant that nothing was written for, and its partition `T#<tenant>#<kind>`. */
  fresh(): { readonly tenant: string; readonly table: Table; pk(kind: string): Partition };
}

export const item = (pk: Partition, sk: string, more: Partial<Item> = {}): Item => ({
  pk,
  sk,
  rev: 1,
  body: "{}",
  ...more,
});
