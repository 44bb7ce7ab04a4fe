/**
 * That the table was restored to a moment of the past: what was signed after that is not in it. Whoever restores says so in one
 * item; each tenant's journal gets its record when it is next read, before anything is signed, and CRL numbers rise above it.
 */
import { utf8, utf8Text } from "#shared/kernel/bytes";
import type { SharedItems } from "#shared/ports/items";
import type { Entry } from "../journal-entry.ts";

export const restoredKey = { pk: "RESTORED", sk: "-" } as const;

export interface Restored {
  /** When it was restored, milliseconds since 1970: above every number that was ever given to a CRL. */
  readonly time: number;
  /** What it was restored from, visible ASCII: the name of a recovery point. */
  readonly from: string;
}

export const restoredItem = (restored: Restored) => ({
  ...restoredKey,
  rev: 1,
  body: utf8(JSON.stringify(restored)),
});

/** @returns the record that each tenant's journal must have, if any */
export async function restoreEntry(items: SharedItems, tenant: string): Promise<Entry | undefined> {
  const item = await items.get(restoredKey);
  if (item === undefined) return undefined;
  const { time, from } = JSON.parse(utf8Text(item.body)) as Restored;
  const opId = `restore/${time}`;
  return { time, op: "restore", tenant, handle: "-", opId, type: "key", reason: `restored from ${from}` };
}
