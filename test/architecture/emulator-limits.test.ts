/** docs/aws.md: what the emulator cannot do, each with tests that are there. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";

const text = (path: string): string => readFileSync(join(root, path), "utf8");

const [, section = ""] = /^## Verified without an account$(.*?)^## /ms.exec(text("docs/aws.md")) ?? [];
const limits = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (-+|The emulator) /.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()))
  .map(([limit = "", shownBy = ""]) => ({ limit, shownBy }));

/** A title may stand in another file of the folder, when the test makes one of each entry of a list. */
const isTitled = (file: string, title: string): boolean =>
  globSync(`${dirname(file)}/*.ts`, { cwd: root }).some((path) => text(path).includes(`"${title}"`));

describe("what the emulator cannot do", () => {
  it("is listed", () => {
    expect(limits.length).toBeGreaterThan(5);
  });

  it.each(limits)("$limit: shown by tests that are there", ({ shownBy }) => {
    const named = [...shownBy.matchAll(/`([^`]+\.test\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)];
    const wrong = named.flatMap(([, file = "", titles = ""]) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title).filter((title) => !isTitled(file, title)),
    );
    expect({ files: named.length > 0, wrong }).toEqual({ files: true, wrong: [] });
  });

  it("includes every type that deploys there and does nothing", () => {
    const stubs = JSON.parse(text("test/interop/tools/ministack/stubs.json")) as string[];
    const all = limits.map(({ limit }) => limit).join("\n");
    expect(stubs.filter((type) => !all.includes(`\`${type}\``))).toEqual([]);
    const named = [...all.matchAll(/`(AWS::[\w:]+)`/g)].map(([, type = ""]) => type);
    expect(named.filter((type) => !stubs.includes(type))).toEqual([]);
  });
});
