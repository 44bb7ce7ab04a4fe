import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { operations } from "#shared/contracts/operations";
import { queryProblem } from "./query-shape.ts";
import { parseQuery, select } from "./query.ts";

const answer = {
  items: [
    { id: "a", names: ["x", "y"], owner: null, extra: 1 },
    { id: "b", names: [], owner: { name: "o" } },
  ],
  none: [],
  next_cursor: null,
};
const found = (path: string): unknown => select(parseQuery(path), answer);

test.each([
  ["items[*].id", ["a", "b"]],
  ["items[1].id", "b"],
  ["items[*].names[*]", ["x", "y"]],
  ["items[*].names[0]", ["x", null]],
  ["items[*].extra", [1, null]],
  ["items[*].owner.name", [null, "o"]],
  ["items[0].owner.name", null],
  ["next_cursor", null],
  ["none[*].id", []],
  ["items", answer.items],
] as const)("%s", (path, expected) => {
  expect(found(path)).toEqual(expected);
});

test("lists and objects at the beginning", () => {
  expect(select(parseQuery("[1]"), ["a", "b"])).toBe("b");
  expect(select(parseQuery("[*].id"), answer.items)).toEqual(["a", "b"]);
});

test.each([
  ["items[*].ix", "items[*] has no member ix; it has id, names, owner, extra"],
  ["items.id", "items is a list: [*] or [0] comes before a name"],
  ["items[2]", "items has 2 members, counted from 0"],
  ["none[0]", "none has 0 members"],
  ["items[0].id.x", "items[0].id is no object"],
  ["items[0].id[*]", "items[0].id is no list"],
  ["__proto__", "the answer has no member __proto__"],
  ["items[0].constructor", "has no member constructor"],
])("%s finds nothing, and why", (path, message) => {
  expect(() => found(path)).toThrow(message);
});

test.each([
  ["", "At character 1, the end: expected a name, [number] or [*]"],
  [".items", 'At character 1, ".items": expected a name'],
  ["items.", 'At character 6, "."'],
  ["items[x]", 'At character 6, "[x]": expected `.` and a name, [number] or [*]'],
  ["items[-1]", "At character 6"],
  ["items[*]id", 'At character 9, "id"'],
  ["items[?(@.id)]", "At character 6"],
  ["items | length", 'At character 6, " | length"'],
])("%j is not understood, and where", (path, message) => {
  expect(() => parseQuery(path)).toThrow(message);
});

const path = fc
  .array(
    fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/).map((name) => `.${name}`),
      fc.nat(999_999_999).map((index) => `[${index}]`),
      fc.constant("[*]"),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((steps) => steps.join("").replace(/^\./, ""));

test("every path is understood whole; any other text is refused, and never with another error", () => {
  fc.assert(
    fc.property(path, (text) => {
      const steps = parseQuery(text).steps.map((step) =>
        "name" in step ? `.${step.name}` : "index" in step ? `[${step.index}]` : "[*]",
      );
      expect(steps.join("").replace(/^\./, "")).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab.[]*0-_ \n".split("")) }), (text) => {
      try {
        expect(parseQuery(text).text).toBe(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
  );
});

describe("against the shape of the answer", () => {
  const of = (id: string) => operations.find((operation) => operation.id === id)?.response;
  test.each([
    ["certificates.list", "items[*].serial"],
    ["certificates.list", "next_cursor"],
    ["identities.transition", "certificate.serial"],
    ["audit.list", "items[0].data.anything.at[3].all"],
    ["status.get", "parts.signer"],
  ])("%s can have %s", (id, text) => {
    expect(queryProblem(parseQuery(text), of(id))).toBeUndefined();
  });
  test.each([
    ["certificates.list", "items[*].serail", "items[*] has no member serail; it has id, kind, serial"],
    ["certificates.list", "items.serial", "items is a list"],
    ["certificates.get", "serial[0]", "serial is no list"],
    ["identities.transition", "certificate.serail", "certificate has no member serail"],
    ["owners.delete", "id", "this command answers nothing"],
  ])("%s can never have %s", (id, text, message) => {
    expect(queryProblem(parseQuery(text), of(id))).toContain(message);
  });

  test("what an answer has, its shape allows", () => {
    const shape = z.object({ items: z.array(z.object({ id: z.string(), of: z.record(z.string(), z.json()) })) });
    for (const text of ["items", "items[*]", "items[0].id", "items[*].of.x", "items[*].of.x.y[0]"])
      expect(queryProblem(parseQuery(text), shape)).toBeUndefined();
  });
});
