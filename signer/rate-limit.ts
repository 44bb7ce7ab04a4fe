/** Signatures a second for each key: a ceiling on what a taken-over front can have signed before somebody looks. */
import type { Clock } from "#shared/ports/clock";
import type { KeyState } from "./guard/key-state.ts";
import { Failure } from "#shared/kernel/failure";

/** Of a key that was made without a limit; and none can be made with a higher one. */
export const maxPerSecond = 20_000;

/** Of an RA key, which decrypts in the one thread of the signer: about 0.3 ms each time. */
const maxRaPerSecond = 2_000;

export function createRateLimit(clock: Clock) {
  const windows = new Map<KeyState, { second: number; count: number }>();
  return {
    /** @throws Failure `overloaded` with `retryAfter` above the key's ceiling */
    take(key: KeyState): void {
      const second = Math.floor(clock.now() / 1000);
      const ceiling = key.spec.limits.ratePerSecond ?? (key.spec.purpose === "ra" ? maxRaPerSecond : maxPerSecond);
      let window = windows.get(key);
      if (window === undefined || window.second !== second) {
        window = { second, count: 0 };
        windows.set(key, window);
      }
      if (++window.count <= ceiling) return;
      throw new Failure("overloaded", `key ${key.spec.handle} gives ${ceiling} signatures a second; try again`, {
        retryAfter: 1,
      });
    },
  };
}
