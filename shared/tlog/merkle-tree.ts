/**
 * The Merkle tree of RFC 6962 2.1 (SHA-256), read through complete subtrees: whoever holds them (tiles, a list in memory)
 * decides where they come from. `level` 0 are the leaves; the subtree (level, index) covers the leaves from
 * `index · 2^level` on.
 */
import { sha256 } from "#shared/crypto/hash";

/** The hash of a complete subtree. */
export type ReadHash = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

const leafPrefix = 0x00;
const nodePrefix = 0x01;

/** RFC 6962 2.1: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length);
  bytes[0] = leafPrefix;
  bytes.set(entry, 1);
  return sha256(bytes);
}

/** RFC 6962 2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes[0] = nodePrefix;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return sha256(bytes);
}

/** Of no leaves at all. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0));

/** The largest power of two that is less than `n`, as its exponent; n ≥ 2. */
export function splitLevel(n: number): number {
  let level = 0;
  while (2 ** (level + 1) < n) level++;
  return level;
}

/** MTH over the leaves [start, end); `start` is a multiple of the largest subtree in it, as in every cut of RFC 6962. */
export async function rangeHash(read: ReadHash, start: number, end: number): Promise<Uint8Array> {
  const count = end - start;
  if (count === 1) return read(0, start);
  const level = splitLevel(count);
  if (2 ** (level + 1) === count) return read(level + 1, start / count);
  const middle = start + 2 ** level;
  return nodeHash(await rangeHash(read, start, middle), await rangeHash(read, middle, end));
}

/** MTH of the first `size` leaves. */
export const rootHash = async (read: ReadHash, size: number): Promise<Uint8Array> =>
  size === 0 ? emptyRoot() : rangeHash(read, 0, size);
