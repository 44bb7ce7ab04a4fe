import { expect, test } from "vitest";
import { runRound } from "./round.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `t${String(n).padStart(5, "0")}`);

/** @param limit tenants after which the time is over */
function house(tenants: readonly string[], limit = Infinity, resting: ReadonlySet<string> = new Set()) {
  let cursor: string | undefined;
  const seen: string[] = [];
  const swept: string[] = [];
  let inWork = 0;
  let most = 0;
  let begun = 0;
  const round = () =>
    runRound({
      directory: {
        tenants: async (after = "") => tenants.filter((tenant) => tenant > after).slice(0, 100),
      },
      async takeCursor() {
        const taken = cursor;
        cursor = undefined;
        return taken;
      },
      async keepCursor(tenant) {
        cursor = tenant;
      },
      isAwake: async (tenant) => !resting.has(tenant),
      async sweep(page) {
        swept.push(...page);
      },
      async duties(tenant) {
        begun++;
        most = Math.max(most, ++inWork);
        await new Promise((resolve) => setImmediate(resolve));
        inWork--;
        seen.push(tenant);
      },
      timeLeft: () => begun < limit,
    });
  return { round, seen, swept, most: () => most, cursor: () => cursor, again: () => (begun = 0) };
}

test("a thousand tenants in one round: each swept and seen to once, several at once", async () => {
  const tenants = names(1_000);
  const { round, seen, swept, most, cursor } = house(tenants);
  expect(await round()).toBe(1_000);
  expect(seen.toSorted()).toEqual(tenants);
  expect(swept).toEqual(tenants);
  expect(most()).toBe(32);
  expect(cursor()).toBeUndefined();
});

test("what a round has no time for the next one begins with, and then from the start", async () => {
  const tenants = names(250);
  const { round, seen, cursor, again } = house(tenants, 130);
  const first = await round();
  expect(first).toBeGreaterThanOrEqual(130);
  expect(first).toBeLessThan(250);
  expect(cursor()).toBe(tenants[first - 1]);
  again();
  expect(await round()).toBe(250 - first);
  expect(seen.toSorted()).toEqual(tenants);
  expect(cursor()).toBeUndefined();
  again();
  await round();
  expect(seen.filter((tenant) => tenant === tenants[0])).toHaveLength(2);
});

test("without time nothing is begun and nothing forgotten", async () => {
  const { round, seen, cursor } = house(names(5), 0);
  expect(await round()).toBe(0);
  expect(seen).toEqual([]);
  expect(cursor()).toBeUndefined();
});

test("who rests is looked at, and neither rung for nor seen to", async () => {
  const tenants = names(250);
  const awake = tenants.filter((_, n) => n % 50 === 0);
  const { round, seen, swept, cursor } = house(tenants, Infinity, new Set(tenants.filter((_, n) => n % 50 !== 0)));
  expect(await round()).toBe(250);
  expect([seen.toSorted(), swept]).toEqual([awake, awake]);
  expect(cursor()).toBeUndefined();
});

test("nobody there", async () => {
  const { round } = house([]);
  expect(await round()).toBe(0);
});
