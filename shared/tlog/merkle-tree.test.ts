/** RFC 6962 2.1: roots of the published test tree (Certificate Transparency's reference data), proofs, tiles. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8 } from "#shared/kernel/bytes";
import { createFrontier, readFrontier } from "./frontier.ts";
import { emptyRoot, leafHash, nodeHash, type ReadHash, rootHash } from "./merkle-tree.ts";
import { consistencyProof, inclusionProof, provesConsistency, provesInclusion } from "./proofs.ts";

const published = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** MTH by its definition in RFC 6962 2.1. */
function defined(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(defined(leaves.slice(0, k)), defined(leaves.slice(k)));
}

const reading =
  (leaves: readonly Uint8Array[]): ReadHash =>
  (level, index) =>
    defined(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => leafHash(utf8(`leaf ${n}`)));

test.each(roots.map((root, size) => [size, root] as const))("the root of the first %i entries", async (size, root) => {
  const leaves = published.slice(0, size).map((entry) => leafHash(fromHex(entry)));
  expect(hex(await rootHash(reading(leaves), size))).toBe(root);
  const frontier = createFrontier();
  for (const leaf of leaves) frontier.append(leaf);
  expect(hex(frontier.root())).toBe(root);
});

/** From the reference data: leaf 5 of 8, and the trees of 3 and 7. */
test("published proofs", async () => {
  const read = reading(published.map((entry) => leafHash(fromHex(entry))));
  expect((await inclusionProof(read, 5, 8)).map(hex)).toEqual([
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]);
  expect((await consistencyProof(read, 6, 8)).map(hex)).toEqual([
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  ]);
});

const sizes = fc.integer({ min: 1, max: 70 });

describe("inclusion", () => {
  test("every leaf of every tree is proved, and no other leaf, place, size or root", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, at, other) => {
        const leaves = leavesOf(size);
        const index = at % size;
        const read = reading(leaves);
        const [leaf, root] = [leaves[index] as Uint8Array, defined(leaves)];
        const proof = await inclusionProof(read, index, size);
        const good = { index, size, leaf, root, proof };
        expect(provesInclusion(good)).toBe(true);
        expect(provesInclusion({ ...good, leaf: leafHash(utf8("another")) })).toBe(false);
        expect(provesInclusion({ ...good, root: leafHash(utf8("another")) })).toBe(false);
        if (other % size !== index) expect(provesInclusion({ ...good, index: other % size })).toBe(false);
        expect(provesInclusion({ ...good, index: size })).toBe(false);
        expect(provesInclusion({ ...good, proof: [...proof, leaf] })).toBe(false);
        if (proof.length > 0) expect(provesInclusion({ ...good, proof: proof.slice(1) })).toBe(false);
      }),
    );
  });
});

describe("consistency", () => {
  test("every tree extends every smaller one, and a changed, dropped, swapped or doubled leaf shows", async () => {
    const damage = fc.constantFrom<(leaves: Uint8Array[], at: number) => void>(
      (leaves, at) => leaves.splice(at, 1, leafHash(utf8("another"))),
      (leaves, at) => leaves.splice(at, 1),
      (leaves, at) => leaves.splice(at, 2, ...leaves.slice(at, at + 2).reverse(), leafHash(utf8("one more"))),
      (leaves, at) => leaves.splice(at, 0, leaves[at] as Uint8Array),
    );
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(30), fc.nat(), damage, async (from, more, where, change) => {
        const leaves = leavesOf(from + more);
        const before = { size: from, root: defined(leaves.slice(0, from)) };
        const after = { size: leaves.length, root: defined(leaves) };
        const proof = await consistencyProof(reading(leaves), from, leaves.length);
        expect(provesConsistency(before, after, proof)).toBe(true);
        if (more > 0) expect(provesConsistency(after, before, proof)).toBe(false);
        expect(provesConsistency(before, after, [...proof, before.root])).toBe(false);
        const forked = [...leaves];
        change(forked, where % from);
        // Doubling the last leaf, for one, only adds to the tree.
        if (forked.length < from || hex(defined(forked.slice(0, from))) === hex(before.root)) return;
        const other = { size: forked.length, root: defined(forked) };
        const theirs = await consistencyProof(reading(forked), from, forked.length);
        expect(provesConsistency(before, other, theirs)).toBe(false);
      }),
    );
  });

  test("a tree of none is extended by any", () => {
    const none = { size: 0, root: emptyRoot() };
    const some = { size: 3, root: defined(leavesOf(3)) };
    expect(provesConsistency(none, some, [])).toBe(true);
    expect(provesConsistency(none, some, [some.root])).toBe(false);
  });
});

test("a frontier that is taken up again knows the same roots", () => {
  return fc.assert(
    fc.asyncProperty(fc.nat(200), fc.nat(100), async (before, more) => {
      const leaves = leavesOf(before + more);
      const first = createFrontier();
      for (const leaf of leaves.slice(0, before)) first.append(leaf);
      expect((await readFrontier(reading(leaves), before)).map(hex)).toEqual(first.hashes().map(hex));
      const second = createFrontier(before, first.hashes());
      for (const leaf of leaves.slice(before)) second.append(leaf);
      expect(second.size()).toBe(leaves.length);
      expect(hex(second.root())).toBe(hex(defined(leaves)));
      expect(() => createFrontier(before, [...first.hashes(), emptyRoot()])).toThrow(RangeError);
    }),
    { numRuns: 50 },
  );
});
