import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hostConfig } from "#shared/contracts/config/host";
import { placeProblems } from "./places-apart.ts";
import { cloneRoot, placesOf } from "./places.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "pa-")));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function check({ data = join(root, "data"), kek = join(root, "kek"), run = "", pin = join(root, "pin") } = {}): void {
  const settings = {
    TRSTCTL_DATA_DIR: data,
    TRSTCTL_KEK_FILE: kek,
    TRSTCTL_PKCS11_PIN_FILE: pin,
    ...(run !== "" && { TRSTCTL_RUN_DIR: run }),
  };
  const problems = placeProblems(placesOf(hostConfig.parse(settings), {}));
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

it("lets the usual places be, also below a link", () => {
  check();
  check({ run: join(root, "run") });
  check({ run: join(root, "data", "sockets") });
  check({ data: join(cloneRoot, ".trstctl") });
  symlinkSync(root, join(root, "link"));
  check({ data: join(root, "link", "data") });
});

it.each([
  ["a run directory that is the data directory", () => ({ run: join(root, "data") }), /TRSTCTL_RUN_DIR/],
  ["a run directory that holds the data directory", () => ({ run: root, kek: "/nowhere/kek" }), /TRSTCTL_RUN_DIR/],
  ["a run directory that is the signer's", () => ({ run: join(root, "data", "signer") }), /TRSTCTL_RUN_DIR/],
  ["a run directory below the signer's", () => ({ run: join(root, "data", "signer", "keys") }), /TRSTCTL_RUN_DIR/],
  ["a run directory in the code", () => ({ run: join(cloneRoot, "shared", "run") }), /TRSTCTL_RUN_DIR/],
  ["a data directory in the code", () => ({ data: join(cloneRoot, "shared", "x") }), /TRSTCTL_DATA_DIR/],
  ["a data directory that holds the code", () => ({ data: cloneRoot }), /TRSTCTL_DATA_DIR/],
  ["a KEK in the run directory", () => ({ run: join(root, "run"), kek: join(root, "run", "kek") }), /TRSTCTL_KEK_FILE/],
  ["a KEK in the code", () => ({ kek: join(cloneRoot, "infra", "kek") }), /TRSTCTL_KEK_FILE/],
  ["a PIN in the code", () => ({ pin: join(cloneRoot, "infra", "pin") }), /TRSTCTL_PKCS11_PIN_FILE/],
  ["a PIN in the run directory", () => ({ run: join(root, "run"), pin: join(root, "run", "pin") }), /PKCS11_PIN_FILE/],
])("refuses %s", (_, places, setting) => {
  expect(() => check(places())).toThrow(/overlap|which the host may read/);
  expect(() => check(places())).toThrow(setting);
});

it("follows links", () => {
  mkdirSync(join(root, "data", "signer"), { recursive: true });
  symlinkSync(join(root, "data", "signer"), join(root, "run"));
  expect(() => check({ run: join(root, "run") })).toThrow(/TRSTCTL_RUN_DIR/);
  symlinkSync(join(root, "data"), join(root, "config"));
  expect(() => check({ kek: join(root, "config", "kek") })).toThrow(
    /TRSTCTL_KEK_FILE.*lies in the data directory|lies in the data directory/,
  );
  expect(() => check({ pin: join(root, "config", "pin") })).toThrow(
    /TRSTCTL_PKCS11_PIN_FILE.*lies in the data directory/,
  );
  symlinkSync(tmpdir(), join(root, "data", "host"));
  expect(() => check()).toThrow(/leads out of it by a link/);
});
