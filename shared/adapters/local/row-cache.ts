/**
 * Rows that were read or written lately. Only for a process that is the one writer of its file: what another process wrote
 * would never be seen. A row is replaced in the same turn as its commit, so a reader sees the old or the new one, never an
 * older one than was acknowledged.
 */
import type { Item, Key } from "#shared/ports/table";

export interface RowCache {
  get(key: Key): Item | undefined;
  set(item: Item): void;
  drop(key: Key): void;
}

const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

/** @param maxRows 0: remembers nothing */
export function createRowCache(maxRows: number): RowCache {
  const rows = new Map<string, Item>();
  return {
    get: (key) => rows.get(nameOf(key)),
    set(item) {
      if (maxRows === 0) return;
      // All at once instead of one by one: what is in use is back after one read each.
      if (rows.size >= maxRows) rows.clear();
      rows.set(nameOf(item), item);
    },
    drop: (key) => void rows.delete(nameOf(key)),
  };
}
