/** Every parser of bytes from outside is fuzzed, or it is said why it reads none. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inside } from "#test/fuzz/inside";
import { targets } from "#test/fuzz/registry";
import { root } from "../../toolchain/runtime.mjs";

const folders = "{shared,events,signer,functions,infra,bridge,agent,cli}";
const sources = globSync(`${folders}/**/*.ts`, { cwd: root })
  .filter((path) => !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

const exported = /^export (?:async )?(?:function\*?|const) ([A-Za-z0-9]+)/gm;
const named = ({ path, text }: (typeof sources)[number]): string[] =>
  [...text.matchAll(exported)].map(([, name = ""]) => `${path} ${name}`);

const parsers = sources.flatMap(named).filter((name) => / (?:parse|decode|read|from)[A-Z]/.test(name));
const fuzzed = new Set(targets.flatMap((target) => target.parsers));

describe("fuzz targets", () => {
  it("there is one for every parser, or a reason", () => {
    expect(parsers.length).toBeGreaterThan(40);
    const missing = parsers.filter((name) => !fuzzed.has(name.split(" ")[1] ?? "") && inside[name] === undefined);
    expect(missing).toEqual([]);
  });

  it("name only what is there: parsers in the files that guide them, and reasons for what exists", () => {
    for (const { name, covers, parsers: own } of targets) {
      const all = sources.filter(({ path }) => covers.includes(path));
      expect(all.map(({ path }) => path).toSorted(), name).toEqual([...new Set(covers)].toSorted());
      const functions = all.flatMap(named).map((line) => line.split(" ")[1]);
      expect(
        own.filter((parser) => !functions.includes(parser)),
        name,
      ).toEqual([]);
    }
    expect(Object.keys(inside).filter((name) => !parsers.includes(name))).toEqual([]);
  });

  it("have names of their own", () => {
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length);
  });
});
