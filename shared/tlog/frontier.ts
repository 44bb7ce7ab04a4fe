/**
 * The right edge of a growing tree: the roots of the complete subtrees that its size is the sum of, largest first. It
 * takes leaves one by one and knows the root at any size, in memory that grows with the logarithm.
 */
import { emptyRoot, nodeHash, type ReadHash } from "./merkle-tree.ts";

export interface Frontier {
  size(): number;
  append(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** Largest subtree first: enough to go on from here, with `size`. */
  hashes(): readonly Uint8Array[];
}

/** Of the complete subtrees that a size is the sum of, largest first. */
function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let level = 52; level >= 0; level--) if (Math.floor(size / 2 ** level) % 2 === 1) levels.push(level);
  return levels;
}

/** @throws RangeError when there are not as many hashes as `size` has bits that are set */
export function createFrontier(size = 0, hashes: readonly Uint8Array[] = []): Frontier {
  const levels = levelsOf(size);
  if (levels.length !== hashes.length)
    throw new RangeError(`a tree of ${size} leaves has ${levels.length} subtrees on its edge, not ${hashes.length}`);
  const edge = hashes.map((hash, at) => ({ level: levels[at] ?? 0, hash }));
  let count = size;
  return {
    size: () => count,
    append(leaf) {
      let node = { level: 0, hash: leaf };
      for (let left = edge.at(-1); left?.level === node.level; left = edge.at(-1)) {
        edge.pop();
        node = { level: node.level + 1, hash: nodeHash(left.hash, node.hash) };
      }
      edge.push(node);
      count++;
    },
    root: () =>
      edge.length === 0
        ? emptyRoot()
        : edge.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right)),
    hashes: () => edge.map(({ hash }) => hash),
  };
}

/** The edge of a tree of `size`, from whoever holds its subtrees. */
export async function readFrontier(read: ReadHash, size: number): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  let start = 0;
  for (const level of levelsOf(size)) {
    hashes.push(await read(level, start / 2 ** level));
    start += 2 ** level;
  }
  return hashes;
}
