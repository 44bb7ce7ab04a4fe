import { expect, test } from "vitest";
import { maxShardEntries } from "#shared/domain/crl-shard/crl-shard";
import { product, type System } from "./limits.ts";
import { headroom, type Limit, type Scenario, simulate } from "./simulate.ts";
import { design, hourly, seeded, shares, type Workload } from "./workload.ts";

const scenario = (system: Partial<System> = {}, workload: Partial<Workload> = {}): Scenario => ({
  workload: { ...design, ...workload },
  system: { ...product, ...system },
  seed: 2026,
  shardEntries: maxShardEntries,
});

/** What throttles at so many times the design load. */
const throttled = (load: number, changed: Scenario): readonly string[] =>
  Object.entries(simulate(changed, load).used).flatMap(([limit, share]) => (share >= 1 ? [limit] : []));

test("the design load is a fifth at most of what throttles first", () => {
  const { load, limit, design: now } = headroom(scenario());
  expect(load, limit).toBeGreaterThanOrEqual(5);
  expect(Math.max(...Object.values(now.used))).toBeLessThan(0.5);
});

test("the same seed gives the same year, another another", () => {
  expect(simulate(scenario(), 3)).toEqual(simulate(scenario(), 3));
  expect(simulate({ ...scenario(), seed: 1 }, 3)).not.toEqual(simulate(scenario(), 3));
});

test("a year has its certificates, whoever asks for them", () => {
  const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
  expect(sum(hourly(design, seeded(1)))).toBeCloseTo(100e6, -2);
  expect(sum(shares(design))).toBeCloseTo(1, 9);
  expect(shares(design)[0]).toBeGreaterThan(0.1);
});

/** At a load that the product carries, each change for the worse throttles, and what it says. */
const worse: readonly (readonly [limit: Limit, what: string, changed: Scenario])[] = [
  ["lane", "one lane", scenario({ lanes: 1 })],
  ["lane", "slower transactions", scenario({ laneWindow: 0.2 })],
  ["journal", "a slower journal", scenario({ journalWindow: 0.05 })],
  ["kms", "more signatures", scenario({ kmsPerSignature: 8 })],
  ["table", "more writes", scenario({ units: { ...product.units, all: 400 } })],
  ["partition", "more writes in one partition", scenario({ units: { ...product.units, certificates: 40 } })],
  ["stream lag", "slower projections", scenario({ projectionEvent: 1 })],
  ["concurrency", "slower calls", scenario({ apiSeconds: 10 })],
  ["journal", "timers without jitter", scenario({}, { onTheHour: 0.5 })],
  ["journal", "one large tenant", scenario({}, { skew: 2 })],
];

test.each(worse)("the model reacts: %s throttles with %s", (limit, _what, changed) => {
  expect(throttled(5, scenario())).toEqual([]);
  expect(throttled(5, changed)).toContain(limit);
});

test("a CRL stays as large as a shard lets it", () => {
  const one = simulate(scenario(), 1).crl;
  const ten = simulate(scenario(), 10).crl;
  expect(ten.bytes).toBe(one.bytes);
  expect(ten.shards).toBeGreaterThan(9 * one.shards);
});
