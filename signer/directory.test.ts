import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSignerDirectory } from "./directory.ts";

let root: string;
let path: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "trstctl-directory-"));
  path = join(root, "a", "signer");
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const addKey = (): void => {
  mkdirSync(join(path, "keys", "acme"), { recursive: true });
  writeFileSync(join(path, "keys", "acme", "root.json"), "{}");
};

test("is made for its owner alone, and is fresh until there is a key", () => {
  expect(openSignerDirectory(path)).toMatchObject({ fresh: true });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  mkdirSync(join(path, "keys", "acme"), { recursive: true });
  expect(openSignerDirectory(path)).toMatchObject({ fresh: true });
  addKey();
  writeFileSync(join(path, "journal"), "");
  expect(openSignerDirectory(path)).toMatchObject({ fresh: false });
});

test("keys without their journal are refused: a new one would let the guard forget", () => {
  openSignerDirectory(path);
  addKey();
  expect(() => openSignerDirectory(path)).toThrow(/journal .* is missing while there are keys .*restore both/);
});

test("one that others may enter is refused", () => {
  openSignerDirectory(path);
  chmodSync(path, 0o750);
  expect(() => openSignerDirectory(path)).toThrow(/can be entered by others; chmod 700/);
});
