/** Makes the tiles of a tree as its leaves come (C2SP tlog-tiles), from wherever it stood. */
import { concat } from "#shared/kernel/bytes";
import { encodeTreeEntry, type Entry } from "./entry.ts";
import { leafHash } from "./merkle-tree.ts";
import { decodeEntries, encodeEntry, hashAt, subtreeOf, type Tile, tileWidth } from "./tile.ts";

export interface TileFiles {
  /** The first `width` of a tile that was written before. */
  read(tile: Tile): Promise<Uint8Array>;
  write(tile: Tile, bytes: Uint8Array): Promise<void>;
}

export interface GrowingTree {
  append(entry: Entry): Promise<void>;
  /** Writes the tiles that are not full. */
  finish(): Promise<void>;
}

interface Row {
  readonly index: number;
  readonly parts: Uint8Array[];
}

/** @param size leaves that are there already; what stands in tiles behind them is written over */
export function growTree(files: TileFiles, size: number): GrowingTree {
  const rows = new Map<Tile["level"], Row>();

  async function open(level: Tile["level"]): Promise<Row> {
    const count = Math.floor(size / (level === "entries" ? 1 : tileWidth ** level));
    const tile = { level, index: Math.floor(count / tileWidth), width: count % tileWidth };
    const row = { index: tile.index, parts: tile.width === 0 ? [] : partsOf(level, await files.read(tile)) };
    rows.set(level, row);
    return row;
  }

  const write = (level: Tile["level"], { index, parts }: Row): Promise<void> =>
    files.write({ level, index, width: parts.length }, concat(...parts));

  async function push(level: Tile["level"], part: Uint8Array): Promise<void> {
    const row = rows.get(level) ?? (await open(level));
    row.parts.push(part);
    if (row.parts.length < tileWidth) return;
    await write(level, row);
    rows.set(level, { index: row.index + 1, parts: [] });
    if (level !== "entries") await push(level + 1, subtreeOf(concat(...row.parts), 0, tileWidth));
  }

  return {
    async append(entry) {
      const bytes = encodeTreeEntry(entry);
      await push("entries", encodeEntry(bytes));
      await push(0, leafHash(bytes));
    },
    async finish() {
      for (const [level, row] of rows) if (row.parts.length > 0) await write(level, row);
    },
  };
}

function partsOf(level: Tile["level"], bytes: Uint8Array): Uint8Array[] {
  if (level === "entries") return (decodeEntries(bytes) ?? []).map(encodeEntry);
  return Array.from({ length: bytes.length / 32 }, (_, at) => hashAt(bytes, at).slice());
}
