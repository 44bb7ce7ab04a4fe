import { expect, test } from "vitest";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { manualClock } from "./fixtures.ts";
import { limiterContract } from "./limiter-contract.ts";

limiterContract("token buckets in memory", (clock) =>
  tokenBuckets({ capacity: 3, refillPerSecond: 0.5, clock, maxBuckets: 100 }),
);

test("a flood of keys pushes the longest untouched bucket out, which only refills it", () => {
  const limiter = tokenBuckets({ capacity: 1, refillPerSecond: 1, clock: manualClock(), maxBuckets: 10 });
  expect(limiter.take("first").ok).toBe(true);
  expect(limiter.take("first").ok).toBe(false);
  for (let n = 0; n < 10; n++) limiter.take(`k${n}`);
  expect(limiter.take("first").ok).toBe(true);
  expect(limiter.take("k9").ok).toBe(false);
});

test("refuses sizes that cannot work", () => {
  const clock = manualClock();
  const good = { capacity: 1, refillPerSecond: 1, clock, maxBuckets: 1 };
  for (const wrong of [
    { capacity: 0 },
    { capacity: 0.5 },
    { refillPerSecond: 0 },
    { refillPerSecond: Number.NaN },
    { maxBuckets: 0 },
  ]) {
    expect(() => tokenBuckets({ ...good, ...wrong })).toThrow(TypeError);
  }
});
