/** The tree as tiles in `Blob` (C2SP tlog-tiles). Each is kept as far as it goes; a narrower one is its beginning. */
import { concat } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type Blob, type BlobKey, blobKey } from "#shared/ports/blob";
import type { TileFiles } from "#shared/tlog/growing-tree";
import type { ReadHash } from "#shared/tlog/merkle-tree";
import { decodeEntries, encodeEntry, firstHashes, hashesFromTiles, type Tile, tileName } from "#shared/tlog/tile";

const keyOf = (tenant: string, tile: Omit<Tile, "width">): BlobKey => blobKey(tenant, "tile", tileName(tile));

const missing = ({ level, index }: Omit<Tile, "width">): Failure =>
  new Failure("unavailable", `tile ${level}/${index} is not there or too short; it is being made again, try again`, {
    retryAfter: 1,
  });

/** @throws Failure `unavailable` when the stored tile does not reach so far */
export async function readTile(blob: Blob, tenant: string, tile: Tile): Promise<Uint8Array> {
  const stored = (await blob.get(keyOf(tenant, tile))) ?? new Uint8Array(0);
  const bytes = tile.level === "entries" ? firstEntries(stored, tile.width) : firstHashes(stored, tile.width);
  if (bytes === undefined) throw missing(tile);
  return bytes;
}

function firstEntries(bundle: Uint8Array, width: number): Uint8Array | undefined {
  const entries = decodeEntries(bundle) ?? [];
  return entries.length < width ? undefined : concat(...entries.slice(0, width).map(encodeEntry));
}

export const tileBlobs = (blob: Blob, tenant: string): TileFiles => ({
  read: (tile) => readTile(blob, tenant, tile),
  write: (tile, bytes) => blob.put(keyOf(tenant, tile), bytes),
});

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
