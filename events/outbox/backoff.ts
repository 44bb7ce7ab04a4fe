export const maxAttempts = 10;
const baseMs = 1_000;
const capMs = 300_000;

/** Whole milliseconds before attempt `attempts + 1`: doubling from 1 s to 5 min, jittered over the upper half. `random` in [0, 1). */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** (attempts - 1));
  return Math.round(full / 2 + (full / 2) * random);
}
