import { expect, test } from "vitest";
import { traceOf } from "./trace.ts";

const id = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

test("the caller's trace goes on in a span of our own (W3C Trace Context 3.2)", () => {
  const { id: own, traceparent } = traceOf(`00-${id}-${span}-01`);
  expect(own).toBe(id);
  expect(traceparent).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
  expect(traceparent).not.toContain(span);
});

test("a later version is read as far as it is known", () => {
  expect(traceOf(`cc-${id}-${span}-01-what-comes-later`).id).toBe(id);
});

test.each([
  null,
  "",
  "garbage",
  `ff-${id}-${span}-01`,
  `00-${"0".repeat(32)}-${span}-01`,
  `00-${id}-${"0".repeat(16)}-01`,
  `00-${id.toUpperCase()}-${span}-01`,
  `00-${id.slice(1)}-${span}-01`,
  `00-${id}-${span}`,
  `00-${id}-${span}-01extra`,
  `00-${id}-${span}-01-extra`,
  `cc-${id}-${span}-01extra`,
  ` 00-${id}-${span}-01`,
])("%j begins a new one", (header) => {
  const first = traceOf(header);
  expect(first.id).toMatch(/^[0-9a-f]{32}$/);
  expect(first.id).not.toBe(id);
  expect(first.traceparent).toMatch(new RegExp(`^00-${first.id}-[0-9a-f]{16}-00$`));
  expect(traceOf(header).id).not.toBe(first.id);
});
