/** Signatures a second for each key: a ceiling on what a taken-over front can have signed before somebody looks. */
import type { Clock } from "#shared/ports/clock";
import type { KeyState } from "./guard/key-state.ts";
import { Failure } from "#shared/kernel/failure";

/** Of a key that was made without a limit; and none can be made with a higher one. */
export const maxPerSecond = 20_000;

/** Of an RA key that was made without a limit, what it decrypts included. */
const maxRaPerSecond = 2_000;

/**
 * Decryptions take the signer's one thread, about 0.3 ms each (there is none that does not), and anybody may send what is to
 * be decrypted: together they take less than half of it.
 */
const maxDecryptions = { each: 1_000, all: 1_500 };

interface Window {
  second: number;
  count: number;
}

/**
 * @param processes that may be at work at once. Each gives its share of what is only counted; what stands in a journal that
 * all of them read is held to the whole ceiling by `seen`.
 */
export function createRateLimit(clock: Clock, processes = 1) {
  const uses = new Map<KeyState, Window>();
  const decryptions = new Map<KeyState | "all", Window>();

  /** @returns false above the ceiling of this second */
  function within<Name>(windows: Map<Name, Window>, name: Name, ceiling: number): boolean {
    const second = Math.floor(clock.now() / 1000);
    let window = windows.get(name);
    if (window === undefined || window.second !== second) {
      window = { second, count: 0 };
      windows.set(name, window);
    }
    return ++window.count <= ceiling;
  }

  const overloaded = (detail: string): Failure => new Failure("overloaded", `${detail}; try again`, { retryAfter: 1 });

  const ceilingOf = ({ spec: { limits, purpose } }: KeyState): number =>
    limits.ratePerSecond ?? (purpose === "ra" ? maxRaPerSecond : maxPerSecond);

  const above = (key: KeyState, ceiling: number): Failure =>
    overloaded(`key ${key.spec.handle} gives ${ceiling} signatures a second`);

  /** @throws Failure `overloaded` with `retryAfter` above the key's ceiling */
  function take(key: KeyState, counted = false): void {
    const ceiling = counted ? Math.ceil(ceilingOf(key) / processes) : ceilingOf(key);
    if (!within(uses, key, ceiling)) throw above(key, ceiling);
  }

  return {
    take,
    /** Another process signed at that moment. */
    seen(key: KeyState, timeMs: number): void {
      const second = Math.floor(timeMs / 1000);
      const window = uses.get(key);
      if (window?.second === second) window.count++;
      else if (window === undefined || window.second < second) uses.set(key, { second, count: 1 });
    },
    /** Once more, after others were seen. @throws Failure `overloaded` */
    assertWithin(key: KeyState): void {
      const window = uses.get(key);
      if (window?.second === Math.floor(clock.now() / 1000) && window.count > ceilingOf(key))
        throw above(key, ceilingOf(key));
    },
    /** @throws Failure `overloaded` with `retryAfter` above the ceiling of the key, or of all */
    takeDecryption(key: KeyState): void {
      take(key, true);
      const { each, all } = maxDecryptions;
      if (!within(decryptions, key, each)) throw overloaded(`key ${key.spec.handle} decrypts ${each} times a second`);
      if (!within(decryptions, "all", all)) throw overloaded(`the signer decrypts ${all} times a second`);
    },
  };
}
