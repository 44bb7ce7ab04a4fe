import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { staleness } from "../../toolchain/install.mjs";
import { pinnedNode, root } from "../../toolchain/runtime.mjs";

const packages = {
  "node_modules/left": { version: "1.0.0" },
  "node_modules/node": { version: "24.21.0" },
  "node_modules/other-platform": { version: "1.0.0", optional: true },
};

/** An npm that installs nothing: it says a version, and lays out node_modules as `npm ci --ignore-scripts` leaves it. */
const fakeNpm = `
const fs = require("node:fs");
if (process.argv[2] === "--version") { console.log(process.env.FAKE_NPM_VERSION ?? "11.0.0"); process.exit(); }
fs.appendFileSync("npm-calls", process.argv.slice(2).join(" ") + "\\n");
const { "": own, "node_modules/other-platform": other, ...packages } = JSON.parse(fs.readFileSync("package-lock.json")).packages;
fs.rmSync("node_modules", { recursive: true, force: true });
fs.mkdirSync("node_modules/node", { recursive: true });
fs.mkdirSync("node_modules/.bin");
fs.writeFileSync("node_modules/node/installArchSpecificPackage.js",
  'require("node:fs").mkdirSync("bin", { recursive: true }); require("node:fs").symlinkSync(process.env.FAKE_NODE, "bin/node")');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
`;

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "trstctl-install-"));
  cpSync(join(root, "toolchain"), join(clone, "toolchain"), { recursive: true });
  writeFileSync(join(clone, "npm-cli.js"), fakeNpm);
  write("package.json", { dependencies: { left: "1.0.0" } });
  write("package-lock.json", { packages: { "": { dependencies: { left: "1.0.0" } }, ...packages } });
});

afterEach(() => {
  rmSync(clone, { recursive: true });
});

function write(name: string, value: unknown): void {
  mkdirSync(dirname(join(clone, name)), { recursive: true });
  writeFileSync(join(clone, name), JSON.stringify(value));
}

function install(env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [join(clone, "toolchain", "install.mjs")], {
    env: {
      ...process.env,
      npm_execpath: join(clone, "npm-cli.js"),
      npm_node_execpath: process.execPath,
      FAKE_NODE: pinnedNode,
      ...env,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  return new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, said: Buffer.concat(said).toString() }));
  });
}

const calls = () =>
  existsSync(join(clone, "npm-calls")) ? readFileSync(join(clone, "npm-calls"), "utf8").split("\n").length - 1 : 0;

describe("a tree is stale", () => {
  beforeEach(() => {
    const { "node_modules/other-platform": _, ...installed } = packages;
    write("node_modules/.package-lock.json", { packages: installed });
    mkdirSync(join(clone, "node_modules", "node", "bin"), { recursive: true });
    mkdirSync(join(clone, "node_modules", ".bin"));
    symlinkSync(pinnedNode, join(clone, "node_modules", "node", "bin", "node"));
    symlinkSync("../node/bin/node", join(clone, "node_modules", ".bin", "node"));
  });

  it("not when npm's record agrees with the lock, even without a package of another platform", () => {
    expect(staleness(clone)).toBeUndefined();
    expect(staleness(clone)).toBeUndefined();
  });

  it("when node_modules was never finished", () => {
    unlinkSync(join(clone, "node_modules", ".package-lock.json"));
    expect(staleness(clone)).toBe("node_modules is missing or incomplete");
  });

  it("when the lock moved on after an install", () => {
    expect(staleness(clone)).toBeUndefined();
    write("package-lock.json", {
      packages: { "": { dependencies: { left: "1.0.0" } }, ...packages, "node_modules/left": { version: "1.0.1" } },
    });
    expect(staleness(clone)).toBe("node_modules/left is not at 1.0.1");
  });

  it("when a package was removed from the lock", () => {
    const { "node_modules/left": _, ...fewer } = packages;
    write("package.json", {});
    write("package-lock.json", { packages: { "": {}, ...fewer } });
    expect(staleness(clone)).toBe("node_modules/left is not in package-lock.json");
  });

  it("when package.json asks for what the lock does not hold", () => {
    write("package.json", { dependencies: { left: "2.0.0" } });
    expect(staleness(clone)).toBe("package.json and package-lock.json differ in dependencies");
  });

  it("when the pinned Node is not linked or not the pinned one", () => {
    unlinkSync(join(clone, "node_modules", ".bin", "node"));
    expect(staleness(clone)).toMatch(/not linked/);
    writeFileSync(join(clone, "node_modules", ".bin", "node"), "");
    unlinkSync(join(clone, "node_modules", "node", "bin", "node"));
    writeFileSync(join(clone, "node_modules", "node", "bin", "node"), "old");
    expect(staleness(clone)).toMatch(/is not the pinned Node/);
  });
});

describe("install", () => {
  it("runs npm ci once, places the pinned Node that npm left out, and is quiet from then on", async () => {
    const first = await install();
    expect(first).toEqual({
      code: 0,
      said: "trstctl: installing the pinned dependencies (npm ci): node_modules is missing or incomplete\n",
    });
    expect(spawnSync(join(clone, "node_modules", ".bin", "node"), ["--version"], { encoding: "utf8" }).stdout).toBe(
      `${process.version}\n`,
    );
    expect(await install()).toEqual({ code: 0, said: "" });
    expect(calls()).toBe(1);
  });

  it("runs npm ci once for two terminals", async () => {
    const results = await Promise.all([install(), install(), install()]);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(calls()).toBe(1);
  });

  it("takes over the lock of a process that died", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    write(".cache/install.lock", pid);
    expect(await install()).toMatchObject({ code: 0 });
  });

  it("places a lost Node without a new npm ci", async () => {
    await install();
    unlinkSync(join(clone, "node_modules", "node", "bin", "node"));
    expect(await install()).toMatchObject({ code: 0 });
    expect(calls()).toBe(1);
  });

  it("refuses npm 9, and a Node that is not the pinned one after all", async () => {
    expect(await install({ FAKE_NPM_VERSION: "9.9.9" })).toEqual({
      code: 1,
      said: "trstctl: npm 9.9.9 is too old: use npm 10 or later.\n",
    });
    appendFileSync(join(clone, "not-node"), "x");
    const { code, said } = await install({ FAKE_NODE: join(clone, "not-node") });
    expect(code).toBe(1);
    expect(said).toMatch(/npm ci succeeded, but .* is not the pinned Node/);
  });
});
