import { randomFillSync } from "node:crypto";
import { uuidv7 } from "#shared/kernel/ids";

// Small draws come from one pool: a system call per id is the larger part of its cost.
const pool = new Uint8Array(4096);
let used = pool.length;

/** Cryptographically strong random bytes. */
export function randomBytes(length: number): Uint8Array {
  if (length > 256) return randomFillSync(new Uint8Array(length));
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const out = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return out;
}

/** UUID version 7 for this moment. */
export const newId = (nowMs: number): string => uuidv7(nowMs, randomBytes(10));
