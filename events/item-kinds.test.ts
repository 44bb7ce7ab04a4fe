import { expect, test } from "vitest";
import { aggregateKinds } from "#shared/domain/aggregate";
import { itemKinds, type ItemKind, kindOf, partition } from "./item-kinds.ts";

test("the kind of every partition that can be built is found again", () => {
  for (const kind of Object.keys(itemKinds) as ItemKind[]) {
    expect(kindOf(partition("acme", kind))).toBe(kind);
    expect(kindOf(partition("acme", kind, "what#ever"))).toBe(kind);
  }
});

test("a partition whose kind was not declared has none", () => {
  for (const pk of ["T#acme#X", "T#acme#U", "T#acme#U#token", "T#acme#O#other", "T#acme#toString", "T#acme#", "T#acme"])
    expect(kindOf(pk)).toBeUndefined();
});

test("every aggregate is derived", () => {
  for (const kind of aggregateKinds) expect(itemKinds[kind]).toBe("derived");
});
