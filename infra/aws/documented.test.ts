import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contextFields } from "./context.ts";

test("docs/aws.md has a row for each context, in their order, with its default", () => {
  const page = readFileSync(new URL("../../docs/aws.md", import.meta.url), "utf8");
  const table = page.slice(page.indexOf("| Context "), page.indexOf("\n\n", page.indexOf("| Context ")));
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (?:`(\w+)`|none) +\|/gm)].map(
    ([, name, value]) => `${name}=${value ?? "none"}`,
  );
  const defaults = Object.entries(contextFields).map(([name, schema]) => {
    const value = schema.parse(undefined);
    return `${name}=${typeof value === "string" || typeof value === "boolean" ? value : "none"}`;
  });
  expect(rows.toSorted()).toEqual(defaults.toSorted());
});
