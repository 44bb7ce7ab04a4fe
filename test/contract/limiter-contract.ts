import { describe, expect, test } from "vitest";
import type { Limiter } from "#shared/ports/limiter";
import { type ManualClock, manualClock } from "./fixtures.ts";

/** Three tokens at most, one back every two seconds, room for a hundred buckets. */
export type MakeLimiter = (clock: ManualClock) => Limiter;

export function limiterContract(name: string, makeLimiter: MakeLimiter): void {
  describe(`Limiter: ${name}`, () => {
    const start = () => {
      const clock = manualClock();
      return { clock, limiter: makeLimiter(clock) };
    };
    const allowed = (limiter: Limiter, key: string): number => {
      let count = 0;
      while (limiter.take(key).ok) count++;
      return count;
    };

    test("gives a full bucket, then refuses and says when to come back", () => {
      const { clock, limiter } = start();
      expect(allowed(limiter, "a")).toBe(3);
      expect(limiter.take("a")).toEqual({ ok: false, retryAfter: 2 });
      clock.advance(1500);
      expect(limiter.take("a")).toEqual({ ok: false, retryAfter: 1 });
      clock.advance(500);
      expect(limiter.take("a")).toEqual({ ok: true });
      expect(limiter.take("a")).toEqual({ ok: false, retryAfter: 2 });
    });

    test("being refused costs nothing, and waiting never gives more than a full bucket", () => {
      const { clock, limiter } = start();
      allowed(limiter, "a");
      for (let n = 0; n < 100; n++) limiter.take("a");
      clock.advance(2000);
      expect(allowed(limiter, "a")).toBe(1);
      clock.advance(86_400_000);
      expect(allowed(limiter, "a")).toBe(3);
    });

    test("one key never touches another's bucket", () => {
      const { limiter } = start();
      for (const key of ["a", "b", "a#b", "", "__proto__", "constructor"]) expect(allowed(limiter, key), key).toBe(3);
    });

    test("a clock that jumps back neither refills nor locks out", () => {
      const { clock, limiter } = start();
      allowed(limiter, "a");
      clock.advance(-3_600_000);
      expect(limiter.take("a")).toEqual({ ok: false, retryAfter: 2 });
      clock.advance(2000);
      expect(allowed(limiter, "a")).toBe(1);
    });

    test("shows what is in a bucket and what was refused lately, and takes nothing by that", () => {
      const { clock, limiter } = start();
      const full = { capacity: 3, refillPerSecond: 0.5, left: 3, refused: 0, refusedAt: undefined };
      expect(limiter.look("a")).toEqual(full);
      limiter.take("a");
      for (let n = 0; n < 9; n++) expect(limiter.look("a")).toEqual({ ...full, left: 2 });
      allowed(limiter, "a");
      limiter.take("a");
      expect(limiter.look("a")).toEqual({ ...full, left: 0, refused: 2, refusedAt: clock.now() });
      expect(limiter.look("b")).toEqual(full);
      const refusedAt = clock.now();
      clock.advance(3_599_999);
      expect(limiter.look("a")).toEqual({ ...full, refused: 2, refusedAt });
      clock.advance(1);
      expect(limiter.look("a")).toEqual(full);
      allowed(limiter, "a");
      expect(limiter.look("a")).toMatchObject({ refused: 1 });
    });

    test("whatever is forgotten, no key that is in use gets more than its share", () => {
      const { clock, limiter } = start();
      allowed(limiter, "busy");
      let extra = 0;
      for (let n = 0; n < 5000; n++) {
        limiter.take(`other-${n}`);
        if (limiter.take("busy").ok) extra++;
      }
      expect(extra).toBe(0);
      clock.advance(2000);
      expect(allowed(limiter, "busy")).toBe(1);
    });
  });
}
