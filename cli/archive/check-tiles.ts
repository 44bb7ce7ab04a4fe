/** The tiles beside the events of a whole log are those that the events make. */
import { sameBytes } from "#shared/kernel/bytes";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type GrowingTree, growTree } from "#shared/tlog/growing-tree";
import { decodeTreeEntry, type Entry } from "#shared/tlog/entry";
import { decodeEntries, type Tile, tilePath } from "#shared/tlog/tile";
import type { Faults } from "./faults.ts";

export interface TileCheck extends GrowingTree {
  /** Files of tiles that the events do not make. */
  readonly left: ReadonlySet<string>;
}

export function createTileCheck(directory: string, files: readonly string[], faults: Faults): TileCheck {
  const left = new Set(files.filter((file) => file.startsWith("tile/")));
  async function compare(tile: Tile, bytes: Uint8Array): Promise<void> {
    const path = tilePath(tile);
    if (!left.delete(path)) return faults.add(path, "the tile is missing");
    const found = new Uint8Array(await readFile(join(directory, path)));
    if (sameBytes(found, bytes)) return;
    const event = tile.level === "entries" ? firstOther(found, bytes) : undefined;
    if (event === undefined) faults.add(path, "the tile was changed: it is not what the events give");
    else
      faults.add(
        `event ${event.seq} of lane ${event.lane}`,
        `it is not the one in ${path}: one of them was changed or moved`,
      );
  }
  const read = (): Promise<Uint8Array> => Promise.reject(new TypeError("a tree from nothing reads no tile"));
  return { left, ...growTree({ read, write: compare }, 0) };
}

/** Of the events, the first that the bundle does not have in this place. */
function firstOther(bundle: Uint8Array, expected: Uint8Array): Entry | undefined {
  const [theirs = [], ours = []] = [decodeEntries(bundle), decodeEntries(expected)];
  const other = ours.find((entry, at) => !sameBytes(entry, theirs[at] ?? new Uint8Array(0)));
  return other === undefined ? undefined : decodeTreeEntry(other);
}
