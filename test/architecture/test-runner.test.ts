import { spawnSync } from "node:child_process";
import { cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";
import configuration from "../../vitest.config.ts";
import { PlantedTree } from "./planted-tree.ts";

const head = 'import { describe, expect, it } from "vitest";\n';
const passing = `${head}it("holds", () => {\n  expect(1).toBe(1);\n});\n`;

/** Runs toolchain/test.mjs over these unit tests: its exit code and last line. */
function verdict(files: Readonly<Record<string, string>>) {
  using tree = new PlantedTree(files);
  for (const name of ["toolchain", "vitest.config.ts"]) {
    cpSync(join(root, name), join(tree.folder, name), { recursive: true });
  }
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const { status, stdout } = spawnSync(process.execPath, [join(tree.folder, "toolchain", "test.mjs"), "unit"], {
    cwd: tree.folder,
    encoding: "utf8",
    env: Object.fromEntries(outer),
  });
  return { status, last: stdout.trimEnd().split("\n").at(-1) };
}

describe("npm test", () => {
  it("succeeds when all passed", () => {
    expect(verdict({ "cli/a.test.ts": passing })).toEqual({ status: 0, last: "1 passed, 0 failed" });
  });

  it("fails when nothing ran", () => {
    expect(verdict({ "cli/a.ts": "export {};\n" })).toEqual({ status: 1, last: "0 passed, 1 failed" });
  });

  it.each([
    ["a failed test", `${head}it("fails", () => {\n  expect(1).toBe(2);\n});\n`],
    ["a skipped test", `${head}it.skip("is skipped", () => {\n  expect(1).toBe(1);\n});\n`],
    ["a test to be written", `${head}it.todo("is to come");\n`],
    ["a file that does not load", 'import "./nowhere.ts";\n'],
    ["a file without tests", "export {};\n"],
    ["a file that throws", `${head}throw new Error("late");\n`],
  ])("counts %s as failed", (_name, text) => {
    expect(verdict({ "cli/a.test.ts": passing, "cli/b.test.ts": text })).toEqual({
      status: 1,
      last: "1 passed, 1 failed",
    });
  });

  it("counts a failed hook after the last test as failed", () => {
    const text = `${passing}import { afterAll } from "vitest";\nafterAll(() => {\n  throw new Error("late");\n});\n`;
    expect(verdict({ "cli/a.test.ts": text })).toEqual({ status: 1, last: "1 passed, 1 failed" });
  });

  it("counts an error outside every test as failed", () => {
    const text = `${head}it("leaves a rejection behind", async () => {\n  void Promise.reject(new Error("lost"));\n  await new Promise((done) => setTimeout(done, 20));\n  expect(1).toBe(1);\n});\n`;
    expect(verdict({ "cli/a.test.ts": text })).toEqual({ status: 1, last: "1 passed, 1 failed" });
  });

  it("runs every test file there is", () => {
    const exclude = ["**/node_modules/**"];
    const projects = configuration.test?.projects ?? [];
    const run = projects.flatMap((project) => {
      if (typeof project !== "object" || !("test" in project))
        throw new TypeError("a project is an object with `test`");
      return globSync([...(project.test?.include ?? [])], { cwd: root, exclude });
    });
    expect(run.length).toBeGreaterThan(5);
    expect(run.toSorted()).toEqual(globSync("**/*.test.ts", { cwd: root, exclude }).toSorted());
  });
});
