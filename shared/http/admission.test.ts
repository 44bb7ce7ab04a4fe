import fc from "fast-check";
import { expect, test } from "vitest";
import { createAdmission } from "./admission.ts";

const limits = { most: 60, least: 12, targetMs: 20 };
const fill = (enter: (share: string) => boolean, share: string): number => {
  let count = 0;
  while (enter(share)) count++;
  return count;
};

test("one alone gets half, and whoever comes next finds a place", () => {
  const { enter, refused } = createAdmission(limits);
  expect(fill(enter, "a")).toBe(30);
  expect(refused()).toBe(1);
  expect(fill(enter, "b")).toBe(20);
  expect(fill(enter, "c")).toBe(10);
});

test("who leaves makes room for others first while they have less", () => {
  const { enter, leave } = createAdmission(limits);
  fill(enter, "a");
  fill(enter, "b");
  leave("a");
  expect(enter("a")).toBe(false);
  expect(enter("c")).toBe(true);
});

test("a late event loop makes it smaller, one that keeps up larger again, within its limits", () => {
  const { enter, leave, late } = createAdmission(limits);
  for (let n = 0; n < 100; n++) late(500);
  expect(fill(enter, "a")).toBe(6);
  for (let n = 0; n < 6; n++) leave("a");
  for (let n = 0; n < 100; n++) late(0);
  expect(fill(enter, "a")).toBe(30);
});

test("a single late turn closes nothing", () => {
  const { enter, late } = createAdmission(limits);
  late(90);
  expect(fill(enter, "a")).toBe(30);
});

test("never more inside than places; a share that has nothing is let in as long as there is a place", () => {
  const step = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { enter, leave } = createAdmission(limits);
      const inside = new Map<string, number>();
      const total = (): number => [...inside.values()].reduce((sum, count) => sum + count, 0);
      for (const [share, comes] of steps) {
        const has = inside.get(share) ?? 0;
        if (!comes && has > 0) {
          leave(share);
          inside.set(share, has - 1);
        } else if (comes) {
          const before = total();
          const entered = enter(share);
          if (entered) inside.set(share, has + 1);
          if (has === 0 && before < limits.most) expect(entered).toBe(true);
          expect(total()).toBeLessThanOrEqual(limits.most);
        }
      }
    }),
  );
});
