import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DataMarker, dataFormat, markerPath, readMarker, writeMarker } from "../data-marker.ts";
import { placesOf } from "../places.ts";
import { migrate, stepsFrom } from "./migrate.ts";
import type { Migration } from "./migration.ts";
import { migrations } from "./registry.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "dm-"));
});
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

const installation = "01a21439-0256-7000-8000-000000000000";
const step = (from: string, to: string, apply: Migration["apply"]): Migration => ({
  from,
  to,
  does: "is planted",
  apply,
});
const keep: Migration["apply"] = (_places, { installation: id }) => ({ ...(id !== undefined && { installation: id }) });
const planted = [step("a", "b", keep), step("b", "c", keep)];
const onDisk = (): unknown => JSON.parse(readFileSync(markerPath(data), "utf8"));
const run = (found: DataMarker, known: readonly Migration[] = planted) =>
  migrate(placesOf({ TRSTCTL_DATA_DIR: data }, {}), found, stepsFrom(found, known, "c") ?? []);

it("the migrations are one chain that ends at the format of this release", () => {
  migrations.forEach(({ to }, n) => expect(to).toBe(migrations[n + 1]?.from ?? dataFormat));
});

it.each([
  [{ format: "a" }, ["a", "b"]],
  [{ format: "b" }, ["b"]],
  [{ format: "c" }, []],
  [{ format: "b", migrating_from: "a" }, ["a", "b"]],
  [{ format: "c", migrating_from: "b" }, ["b"]],
  [{ format: "d" }, undefined],
  [{ format: "d", migrating_from: "c" }, undefined],
  [{ format: "d", migrating_from: "b" }, undefined],
  [{ format: "a", migrating_from: "z" }, undefined],
])("from %j the steps are %j", (marker, expected) => {
  expect(stepsFrom(marker, planted, "c")?.map(({ from }) => from)).toEqual(expected);
});

it("a step that was cut off is taken again, and nothing older reads the directory meanwhile", () => {
  let tries = 0;
  const seen: unknown[] = [];
  const breaking = step("b", "c", () => {
    seen.push(onDisk());
    if (tries++ === 0) throw new Error("power is gone");
    return { installation };
  });
  const known = [step("a", "b", keep), breaking];
  writeMarker(data, { format: "a" });
  expect(() => run({ format: "a" }, known)).toThrow("power is gone");
  expect(onDisk()).toEqual({ format: "c", migrating_from: "b" });
  const found = readMarker(data) ?? { format: "none" };
  expect(run(found, known)).toHaveLength(1);
  expect(seen).toEqual([
    { format: "c", migrating_from: "b" },
    { format: "c", migrating_from: "b" },
  ]);
  expect(onDisk()).toEqual({ format: "c", installation });
});

it("what is up to date is not written", () => {
  writeMarker(data, { format: "c", installation });
  const before = readFileSync(markerPath(data));
  expect(run({ format: "c", installation })).toEqual([]);
  expect(readFileSync(markerPath(data))).toEqual(before);
});
