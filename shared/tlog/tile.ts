/**
 * Tiles of C2SP tlog-tiles: 256 hashes of one level of the tree, of every eighth level; entry bundles hold the leaves
 * themselves. The last tile of a level may be partial.
 */
import { concat } from "#shared/kernel/bytes";
import type { ReadHash } from "./merkle-tree.ts";
import { nodeHash } from "./merkle-tree.ts";

export const tileWidth = 256;
const tileLevels = 8;
const hashBytes = 32;
/** u16 before each entry. */
const maxEntryBytes = 65_535;

export interface Tile {
  readonly level: number | "entries";
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** `<level>/<index>`, without the suffix of a partial one: 1234067 is `x001/x234/067`. */
export function tileName({ level, index }: Omit<Tile, "width">): string {
  const groups = [index % 1000];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) groups.unshift(rest % 1000);
  const path = groups.map((group, at) => `${at < groups.length - 1 ? "x" : ""}${String(group).padStart(3, "0")}`);
  return `${level}/${path.join("/")}`;
}

/** Below the log's prefix: `tile/<L>/<N>[.p/<W>]`. */
export const tilePath = (tile: Tile): string =>
  `tile/${tileName(tile)}${tile.width === tileWidth ? "" : `.p/${tile.width}`}`;

/** @returns undefined for a path that no tile has */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/(entries|\d|[1-5]\d|6[0-3])\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (match === null) return undefined;
  const [, level = "", name = "", width] = match;
  const tile = {
    level: level === "entries" ? ("entries" as const) : Number(level),
    index: Number(name.replaceAll(/[x/]/g, "")),
    width: width === undefined ? tileWidth : Number(width),
  };
  return tilePath(tile) === path ? tile : undefined;
}

/** Every tile of a tree of this size, widths as they are then. */
export function* tilesOf(size: number, firstChanged = 0): Generator<Tile> {
  for (const level of ["entries" as const, ...levelsOf(size)]) {
    const span = level === "entries" ? 1 : tileWidth ** level;
    const hashes = Math.floor(size / span);
    for (let index = Math.floor(Math.floor(firstChanged / span) / tileWidth); index * tileWidth < hashes; index++)
      yield { level, index, width: Math.min(tileWidth, hashes - index * tileWidth) };
  }
}

function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0; tileWidth ** level <= size; level++) levels.push(level);
  return levels;
}

/** Reads subtrees from the tiles that hold them. @param load the tile's bytes, at least as far as the tree goes */
export const hashesFromTiles =
  (load: (level: number, index: number) => Promise<Uint8Array>): ReadHash =>
  async (level, index) => {
    const tileLevel = Math.floor(level / tileLevels);
    const count = 2 ** (level % tileLevels);
    const first = index * count;
    const bytes = await load(tileLevel, Math.floor(first / tileWidth));
    return subtreeOf(bytes, first % tileWidth, count);
  };

/** The root over `count` neighbouring hashes of a tile; a power of two. @throws RangeError when the tile ends before */
export function subtreeOf(tile: Uint8Array, first: number, count: number): Uint8Array {
  let row = Array.from({ length: count }, (_, at) => hashAt(tile, first + at));
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] as Uint8Array, row[2 * at + 1] as Uint8Array),
    );
  return row[0] as Uint8Array;
}

export function hashAt(tile: Uint8Array, at: number): Uint8Array {
  if (tile.length < (at + 1) * hashBytes) throw new RangeError(`the tile has no hash ${at}`);
  return tile.subarray(at * hashBytes, (at + 1) * hashBytes);
}

/** The first `width` hashes. @returns undefined when there are not so many */
export const firstHashes = (tile: Uint8Array, width: number): Uint8Array | undefined =>
  tile.length < width * hashBytes ? undefined : tile.subarray(0, width * hashBytes);

/** @throws RangeError for an entry above 65,535 bytes */
export function encodeEntry(entry: Uint8Array): Uint8Array {
  if (entry.length > maxEntryBytes) throw new RangeError(`an entry has at most ${maxEntryBytes} bytes`);
  return concat(new Uint8Array([entry.length >> 8, entry.length & 0xff]), entry);
}

/** The entries of a bundle. @returns undefined when it is cut off */
export function decodeEntries(bundle: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    if (at + 2 + length > bundle.length) return undefined;
    entries.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}
