export const maxAttempts = 10;
const baseMs = 1_000;
const capMs = 300_000;
/** For a service of our own the pause stops growing at this attempt: at 2 s. */
const lastOwnStep = 2;

/** The longest pause before attempt `attempts + 1`. */
export const longestPauseMs = (attempts: number, own: boolean): number =>
  Math.min(capMs, baseMs * 2 ** (Math.min(attempts, own ? lastOwnStep : attempts) - 1));

/** Whole milliseconds before attempt `attempts + 1`: doubling from 1 s to 5 min, jittered over the upper half. `random` in [0, 1). */
export function backoffMs(attempts: number, random: number, own = false): number {
  const full = longestPauseMs(attempts, own);
  return Math.round(full / 2 + (full / 2) * random);
}

/**
 * Milliseconds left of a pause that ends at `until` and was at most `longestMs`; 0 is none. What seems to be longer was
 * written down before the clock was set back: waiting for that moment to come again could take for ever.
 */
export function leftMs(until: number, longestMs: number, now: number): number {
  const left = until - now;
  return left > longestMs ? 0 : Math.max(0, left);
}
