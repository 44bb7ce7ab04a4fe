import { timingSafeEqual } from "node:crypto";

/** Constant time for equal lengths; the length itself is not secret. */
export const constantTimeEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);
