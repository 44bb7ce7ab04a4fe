/** C2SP tlog-tiles: paths, what stands in which tile, bundles. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { concat, hex, utf8 } from "#shared/kernel/bytes";
import { createFrontier } from "./frontier.ts";
import { leafHash, rootHash } from "./merkle-tree.ts";
import {
  decodeEntries,
  encodeEntry,
  firstHashes,
  hashesFromTiles,
  parseTilePath,
  subtreeOf,
  tilePath,
  tilesOf,
} from "./tile.ts";

test.each([
  [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
  [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
  [{ level: 3, index: 1000, width: 1 }, "tile/3/x001/000.p/1"],
  [{ level: "entries", index: 999, width: 255 }, "tile/entries/999.p/255"],
] as const)("%o is at %s", (tile, path) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  "tile/0/0",
  "tile/0/x000/001",
  "tile/64/000",
  "tile/0/000.p/256",
  "tile/0/000.p/0",
  "tile/-1/000",
  "tile/0/000/",
  "tile/0/001/000",
  "../tile/0/000",
  "tile/0/000.p/01",
])("there is no tile at %s", (path) => expect(parseTilePath(path)).toBeUndefined());

test("the tiles of a tree of 70,000", () => {
  const tiles = [...tilesOf(70_000)].map(tilePath);
  expect(tiles.filter((path) => path.startsWith("tile/entries/"))).toHaveLength(274);
  expect(tiles.filter((path) => !/\/(entries|0)\//.test(path))).toEqual([
    "tile/1/000",
    "tile/1/001.p/17",
    "tile/2/000.p/1",
  ]);
  expect([...tilesOf(70_000, 69_999)].map(tilePath)).toEqual([
    "tile/entries/273.p/112",
    "tile/0/273.p/112",
    "tile/1/001.p/17",
    "tile/2/000.p/1",
  ]);
  expect([...tilesOf(0)]).toEqual([]);
});

test("roots read from tiles are those of the tree", async () => {
  const leaves = Array.from({ length: 1100 }, (_, n) => leafHash(utf8(String(n))));
  const level0 = (index: number) => concat(...leaves.slice(index * 256, (index + 1) * 256));
  const read = hashesFromTiles(async (level, index) =>
    level === 0 ? level0(index) : concat(...[0, 1, 2, 3].map((tile) => subtreeOf(level0(tile), 0, 256))),
  );
  const frontier = createFrontier();
  for (const [at, leaf] of leaves.entries()) {
    frontier.append(leaf);
    if (at % 37 === 0 || at > 1020) expect(hex(await rootHash(read, at + 1))).toBe(hex(frontier.root()));
  }
});

test("a tile that ends too early is refused, and gives no prefix that it does not have", () => {
  const tile = new Uint8Array(64);
  expect(() => subtreeOf(tile, 2, 1)).toThrow(RangeError);
  expect(firstHashes(tile, 2)).toEqual(tile);
  expect(firstHashes(tile, 3)).toBeUndefined();
});

test("entries of a bundle come back, whatever they hold; a cut bundle is refused", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 }), (entries) => {
      const bundle = concat(...entries.map(encodeEntry));
      expect(decodeEntries(bundle)?.map(hex)).toEqual(entries.map(hex));
      if (bundle.length > 0 && (entries.at(-1)?.length ?? 0) > 0)
        expect(decodeEntries(bundle.subarray(0, -1))).toBeUndefined();
    }),
  );
  expect(() => encodeEntry(new Uint8Array(65_536))).toThrow(RangeError);
});
