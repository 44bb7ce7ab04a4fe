import { expect, test } from "vitest";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { assertProtocolRate } from "./protocol-rate.ts";

test("who empties a protocol's bucket leaves the tenant its own, other protocols and other tenants theirs", () => {
  const limiter = tokenBuckets({ capacity: 2, refillPerSecond: 1, clock: { now: () => 0 }, maxBuckets: 10 });
  for (let i = 0; i < 2; i++) assertProtocolRate(limiter, "scep", "acme");
  expect(() => assertProtocolRate(limiter, "scep", "acme")).toThrow(
    expect.objectContaining({ code: "rate_limited", retryAfter: 1 }) as Error,
  );
  expect(limiter.take("acme")).toMatchObject({ ok: true });
  assertProtocolRate(limiter, "cmp", "acme");
  assertProtocolRate(limiter, "scep", "other");
});
