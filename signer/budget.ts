/** How many of something there may be in a minute, for one name and for all together. */
import type { Clock } from "#shared/ports/clock";

export interface Budget {
  /** @returns false when it is used up */
  take(name: string): boolean;
}

export function createBudget(clock: Clock, most: { readonly each: number; readonly all: number }): Budget {
  let minute = 0;
  let all = 0;
  let taken = new Map<string, number>();
  return {
    take(name) {
      const now = Math.floor(clock.now() / 60_000);
      if (now !== minute) {
        minute = now;
        all = 0;
        taken = new Map();
      }
      const before = taken.get(name) ?? 0;
      if (before >= most.each || all >= most.all) return false;
      taken.set(name, before + 1);
      all++;
      return true;
    },
  };
}
