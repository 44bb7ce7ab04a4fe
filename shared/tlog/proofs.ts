/** Inclusion and consistency proofs: made as in RFC 6962 2.1.1 and 2.1.2, checked as in RFC 9162 2.1.3.2 and 2.1.4.2. */
import { sameBytes } from "#shared/kernel/bytes";
import { nodeHash, rangeHash, type ReadHash, splitLevel } from "./merkle-tree.ts";

export type Proof = readonly Uint8Array[];

/**
 * PATH(index, D[size]), from the leaf up.
 * @throws RangeError unless 0 ≤ index < size
 */
export async function inclusionProof(read: ReadHash, index: number, size: number): Promise<Proof> {
  if (!(index >= 0 && index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + 2 ** splitLevel(end - start);
    if (index < middle) {
      path.push(await rangeHash(read, middle, end));
      end = middle;
    } else {
      path.push(await rangeHash(read, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * PROOF(from, D[to]); empty when they are equal or `from` is 0.
 * @throws RangeError unless 0 ≤ from ≤ to
 */
export async function consistencyProof(read: ReadHash, from: number, to: number): Promise<Proof> {
  if (!(from >= 0 && from <= to)) throw new RangeError(`a tree of ${to} does not extend one of ${from}`);
  if (from === 0) return [];
  const path: Uint8Array[] = [];
  let [start, end] = [0, to];
  /** Whether the subtree in hand is the old tree itself, whose root the verifier has. */
  let known = true;
  while (end !== from) {
    const middle = start + 2 ** splitLevel(end - start);
    if (from <= middle) {
      path.push(await rangeHash(read, middle, end));
      end = middle;
    } else {
      path.push(await rangeHash(read, start, middle));
      start = middle;
      known = false;
    }
  }
  if (!known) path.push(await rangeHash(read, start, end));
  return path.reverse();
}

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  readonly proof: Proof;
}

export function provesInclusion({ index, size, leaf, root, proof }: Inclusion): boolean {
  if (!(index >= 0 && index < size)) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else hash = nodeHash(hash, sibling);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameBytes(hash, root);
}

export interface Tree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** True when `proof` shows that the first `before.size` leaves of `after` are those of `before`. */
export function provesConsistency(before: Tree, after: Tree, proof: Proof): boolean {
  if (before.size > after.size) return false;
  if (before.size === after.size) return proof.length === 0 && sameBytes(before.root, after.root);
  if (before.size === 0) return proof.length === 0;
  const [first, ...rest] = isPowerOfTwo(before.size) ? [before.root, ...proof] : proof;
  if (first === undefined) return false;
  let [fn, sn] = [before.size - 1, after.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [old, whole] = [first, first];
  for (const hash of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [old, whole] = [nodeHash(hash, old), nodeHash(hash, whole)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else whole = nodeHash(whole, hash);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameBytes(old, before.root) && sameBytes(whole, after.root);
}

/** Not `>>`: sizes may pass 2^31. */
const half = (n: number): number => Math.floor(n / 2);

function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}
