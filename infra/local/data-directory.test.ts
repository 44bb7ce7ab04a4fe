import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hostConfig } from "#shared/contracts/config/host";
import { claimDataDirectory } from "./data-directory.ts";
import { placesOf } from "./places.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dd-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const places = (settings: object = {}) =>
  placesOf(
    hostConfig.parse({ TRSTCTL_DATA_DIR: join(root, "data"), TRSTCTL_KEK_FILE: join(root, "kek"), ...settings }),
    {},
  );

it("makes what is missing for its owner alone", () => {
  claimDataDirectory(places());
  for (const name of ["", "host", "signer", "cli", "run"])
    expect(statSync(join(root, "data", name)).mode & 0o777, name).toBe(0o700);
});

it.each(["data", "data/signer", "run"])("refuses %s when others may enter it, and leaves its mode", (name) => {
  if (name === "data/signer") claimDataDirectory(places());
  mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, name), 0o750);
  const settings = name === "run" ? { TRSTCTL_RUN_DIR: join(root, "run") } : {};
  expect(() => claimDataDirectory(places(settings))).toThrow(/can be entered by others.*chmod 700/);
  expect(statSync(join(root, name)).mode & 0o777).toBe(0o750);
});
