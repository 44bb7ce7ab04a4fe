import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startExpirySweep } from "./expiry-sweep.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what expired is gone within seconds, however much came in the minute before", () => {
  let expired = 90_500;
  const stop = startExpirySweep((limit) => {
    const deleted = Math.min(limit, expired);
    expired -= deleted;
    return deleted;
  });
  vi.advanceTimersByTime(60_000);
  expect(expired).toBe(89_500);
  vi.advanceTimersByTime(10_000);
  expect(expired).toBe(0);
  expired = 1;
  vi.advanceTimersByTime(10_000);
  expect(expired).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(expired).toBe(0);
  stop();
  expired = 1;
  vi.advanceTimersByTime(200_000);
  expect(expired).toBe(1);
});

test("a store that fails is asked again", () => {
  const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  let calls = 0;
  const stop = startExpirySweep(() => {
    calls++;
    throw new Error("disk full");
  });
  vi.advanceTimersByTime(120_000);
  expect([calls, said.mock.calls.length]).toEqual([2, 2]);
  stop();
  said.mockRestore();
});
