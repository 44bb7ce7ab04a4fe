import type { Clock } from "#shared/ports/clock";

/** The machine's wall clock. */
export const systemClock: Clock = { now: () => Date.now() };
