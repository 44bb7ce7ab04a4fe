import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryPoints } from "../../toolchain/entry-points.mjs";
import {
  binaryProblem,
  pinnedNode,
  readPin,
  root,
  runtimeProblem,
  verifiedByParent,
} from "../../toolchain/runtime.mjs";

const guard = pathToFileURL(join(root, "toolchain", "runtime.mjs")).href;
const callGuard = `(await import(${JSON.stringify(guard)})).assertPinnedRuntime(); console.log("started");`;

function runGuard(node: string, options: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(node, [...options, "--input-type=module", "--eval", callGuard], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

/** A Node that is not the pinned one, as an old machine has it; undefined where there is none. */
function otherNode(): string | undefined {
  const inside = realpathSync(join(root, "node_modules"));
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .filter((file) => existsSync(file) && !realpathSync(file).startsWith(inside))
    .find((file) => spawnSync(file, ["--version"], { encoding: "utf8" }).stdout.trim() !== process.version);
}

let folder: string;
let changed: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trstctl-runtime-"));
  changed = join(folder, "node");
  copyFileSync(pinnedNode, changed);
  appendFileSync(changed, "\0");
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the runtime guard", () => {
  it("pins the version that package.json installs", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(readPin().version).toBe(manifest.devDependencies.node);
  });

  it("lets the pinned Node through, which is the one running this", () => {
    expect(runtimeProblem()).toBeUndefined();
    expect(runGuard(pinnedNode)).toMatchObject({ status: 0, stdout: "started\n", stderr: "" });
  });

  it("refuses another version, in one message that names the way out", () => {
    const other = otherNode();
    const { status, stdout, stderr } =
      other === undefined
        ? runGuard(pinnedNode, [
            "--import",
            'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.0.0"})',
          ])
        : runGuard(other);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^trstctl: this is Node v\S+ \(.*\); trstctl runs only on its pinned Node v24[^\n]*npm ci`\.\n$/,
    );
  });

  it("refuses a binary of the right version with one byte more", () => {
    const { status, stdout, stderr } = runGuard(changed);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^trstctl: .* is not the pinned Node v24\S* \(SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}\)/,
    );
  });

  it("remembers a verified binary by its stat, and looks again when that changes", () => {
    const stamp = join(folder, "stamp");
    const copy = join(folder, "copy");
    copyFileSync(pinnedNode, copy);
    expect(binaryProblem(copy, readPin(), stamp)).toBeUndefined();
    expect(readFileSync(stamp, "utf8")).toContain(readPin().sha256);
    const { atime, mtime } = statSync(copy);
    writeFileSync(copy, "x", { flag: "r+" });
    utimesSync(copy, atime, mtime);
    expect(binaryProblem(copy, readPin(), stamp)).toMatch(/is not the pinned Node/);
  });

  it("refuses a platform without a pinned hash", () => {
    const pin = { version: "24.21.0", platform: "plan9-mips", sha256: undefined };
    expect(binaryProblem(pinnedNode, pin)).toMatch(/no pinned Node for plan9-mips.*runtime\.json/);
  });

  it("trusts its parent about the binary only where the permission model hides it", () => {
    const permitted = ["--permission", `--allow-fs-read=${join(root, "toolchain")}`];
    expect(runGuard(pinnedNode, permitted)).toMatchObject({ status: 1, stdout: "" });
    const verified = { [verifiedByParent]: realpathSync(pinnedNode) };
    expect(runGuard(pinnedNode, permitted, verified)).toMatchObject({ status: 0, stdout: "started\n" });
    expect(runGuard(changed, [], { [verifiedByParent]: changed })).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("the entry points", () => {
  // A clone whose runtime.json pins another binary: whatever an entry point does before its guard shows in the output.
  let clone: string;

  beforeAll(() => {
    clone = join(folder, "clone");
    mkdirSync(clone);
    for (const name of [
      "shared",
      "events",
      "signer",
      "functions",
      "infra",
      "cli",
      "test",
      "toolchain",
      "package.json",
    ]) {
      cpSync(join(root, name), join(clone, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    const pinFile = join(clone, "toolchain", "runtime.json");
    writeFileSync(pinFile, readFileSync(pinFile, "utf8").replaceAll(/[0-9a-f]{64}/g, "0".repeat(64)));
  });

  it.each(entryPoints)("%s refuses a Node that is not the pinned one, and does nothing else", (entry) => {
    const { status, stdout, stderr } = spawnSync(pinnedNode, [join(clone, entry)], {
      cwd: clone,
      encoding: "utf8",
      timeout: 20_000,
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^trstctl: .* is not the pinned Node v24[^\n]*\n$/);
    expect(existsSync(join(clone, ".trstctl"))).toBe(false);
  });
});
