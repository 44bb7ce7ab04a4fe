import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { hostCompiled, keepCompiled, lendCompiled } from "./compiled-code.ts";
import { placesOf } from "./places.ts";

const directory = mkdtempSync(join(tmpdir(), "compiled-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const places = placesOf({ TRSTCTL_DATA_DIR: directory }, {});

const keptIn = join(directory, "kept");
const written = join(hostCompiled(places), "a.cache");
const planted = join(hostCompiled(places), "planted.cache");

it("what a host wrote while it served is gone before the next one starts; what it had when it was ready is there", () => {
  const kept = lendCompiled(places, keptIn);
  writeFileSync(written, "compiled");
  keepCompiled(places, kept);
  writeFileSync(planted, "code of somebody else");
  writeFileSync(written, "code of somebody else");
  keepCompiled(places, kept);
  lendCompiled(places, keptIn);
  expect(existsSync(planted)).toBe(false);
  expect(readFileSync(written, "utf8")).toBe("compiled");
});
