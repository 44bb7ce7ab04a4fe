/** The tree as tiles in `Blob` (C2SP tlog-tiles). Each is kept as far as it goes; a narrower one is its beginning. */
import { concat } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type Blob, blobKey } from "#shared/ports/blob";
import { encodeTreeEntry, type Entry } from "#shared/tlog/entry";
import { leafHash, type ReadHash } from "#shared/tlog/merkle-tree";
import {
  decodeEntries,
  encodeEntry,
  firstHashes,
  hashesFromTiles,
  subtreeOf,
  type Tile,
  tileName,
  tileWidth,
} from "#shared/tlog/tile";

const keyOf = (tenant: string, tile: Omit<Tile, "width">) => blobKey(tenant, "tile", tileName(tile));

const missing = ({ level, index }: Omit<Tile, "width">): Failure =>
  new Failure("unavailable", `tile ${level}/${index} is not there or too short; it is being made again, try again`, {
    retryAfter: 1,
  });

/** @throws Failure `unavailable` when the stored tile does not reach so far */
export async function readTile(blob: Blob, tenant: string, tile: Tile): Promise<Uint8Array> {
  const stored = (await blob.get(keyOf(tenant, tile))) ?? new Uint8Array(0);
  const entries = tile.level === "entries" ? decodeEntries(stored) : undefined;
  const bytes =
    tile.level !== "entries"
      ? firstHashes(stored, tile.width)
      : entries !== undefined && entries.length >= tile.width
        ? concat(...entries.slice(0, tile.width).map(encodeEntry))
        : undefined;
  if (bytes === undefined) throw missing(tile);
  return bytes;
}

/** Subtrees of the stored tree; each tile is read once. */
export function hashReader(blob: Blob, tenant: string): ReadHash {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const read = hashesFromTiles((level, index) => {
    const key = keyOf(tenant, { level, index });
    const known = tiles.get(key) ?? blob.get(key).then((bytes) => bytes ?? new Uint8Array(0));
    tiles.set(key, known);
    return known;
  });
  return async (level, index) => {
    try {
      return await read(level, index);
    } catch (error) {
      if (error instanceof RangeError) throw missing({ level: Math.floor(level / 8), index });
      throw error;
    }
  };
}

interface Row {
  index: number;
  parts: Uint8Array[];
}

export interface Growing {
  append(entry: Entry): Promise<void>;
  /** Writes the tiles that are not full. */
  finish(): Promise<void>;
}

/** A tree that goes on from its first `size` leaves; what stands in tiles behind them is written over. */
export async function growTree(blob: Blob, tenant: string, size: number): Promise<Growing> {
  const rows = new Map<Tile["level"], Row>();

  const put = (level: Tile["level"], { index, parts }: Row): Promise<void> =>
    blob.put(keyOf(tenant, { level, index }), concat(...parts));

  async function open(level: Tile["level"], count: number): Promise<Row> {
    const [index, width] = [Math.floor(count / tileWidth), count % tileWidth];
    const bytes = width === 0 ? new Uint8Array(0) : await readTile(blob, tenant, { level, index, width });
    const parts =
      level === "entries"
        ? (decodeEntries(bytes) ?? []).map(encodeEntry)
        : Array.from({ length: width }, (_, at) => bytes.slice(at * 32, (at + 1) * 32));
    const row = { index, parts };
    rows.set(level, row);
    return row;
  }

  async function push(level: Tile["level"], part: Uint8Array): Promise<void> {
    const row =
      rows.get(level) ?? (await open(level, Math.floor(size / (level === "entries" ? 1 : tileWidth ** level))));
    row.parts.push(part);
    if (row.parts.length < tileWidth) return;
    await put(level, row);
    const full = level === "entries" ? undefined : concat(...row.parts);
    rows.set(level, { index: row.index + 1, parts: [] });
    if (full !== undefined) await push(Number(level) + 1, subtreeOf(full, 0, tileWidth));
  }

  return {
    async append(entry) {
      const bytes = encodeTreeEntry(entry);
      await push("entries", encodeEntry(bytes));
      await push(0, leafHash(bytes));
    },
    async finish() {
      for (const [level, row] of rows) if (row.parts.length > 0) await put(level, row);
    },
  };
}
