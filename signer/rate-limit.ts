/**
 * Signatures a second for each key: a ceiling on what a taken-over front can have signed before somebody looks. What is
 * above it is counted, not journalled one by one: that would give the flood another way in.
 */
import type { Clock } from "#shared/ports/clock";
import type { KeyState } from "./guard/key-state.ts";
import { Failure } from "#shared/kernel/failure";

const defaultPerSecond = 10_000;

export function createRateLimit(clock: Clock) {
  const windows = new Map<KeyState, { second: number; count: number }>();
  let shed = new Map<KeyState, number>();
  return {
    /** @throws Failure `overloaded` with `retryAfter` above the key's ceiling */
    take(key: KeyState): void {
      const second = Math.floor(clock.now() / 1000);
      const ceiling = key.spec.limits.ratePerSecond ?? defaultPerSecond;
      let window = windows.get(key);
      if (window === undefined || window.second !== second) {
        window = { second, count: 0 };
        windows.set(key, window);
      }
      if (++window.count <= ceiling) return;
      shed.set(key, (shed.get(key) ?? 0) + 1);
      throw new Failure("overloaded", `key ${key.spec.handle} gives ${ceiling} signatures a second; try again`, {
        retryAfter: 1,
      });
    },
    /** How often each key was above its ceiling since the last call. */
    takeShed(): ReadonlyMap<KeyState, number> {
      const before = shed;
      shed = new Map();
      return before;
    },
  };
}
