/** The fuzzer itself: it finds what is planted, and its counters do not change what they count. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";
import { mostGrowth } from "./fuzz.ts";
import { instrument } from "./instrument.ts";
import { mutateDer } from "./mutate/der.ts";
import { mutateJson } from "./mutate/json.ts";
import { seededRandom } from "./random.ts";
import { targets } from "./registry.ts";
import { runTarget } from "./watched.ts";

const planted = (target: string, inputs: number) =>
  runTarget({ registry: new URL("./planted/registry.ts", import.meta.url).href, target, inputs, seed: 1, keep: false });

describe("the fuzzer", { timeout: 60_000 }, () => {
  it("finds an error that is no refusal, and the input that makes it", async () => {
    const { findings, done } = await planted("boom", 100_000);
    expect(findings.map(({ problem }) => problem)).toEqual([expect.stringContaining("RangeError: planted")]);
    expect(Buffer.from(findings[0]?.input ?? []).toString("latin1")).toMatch(/^:bad!/);
    expect(done?.covered).toBeGreaterThan(5);
  });

  it("ends a hang and has the input", async () => {
    const { findings, done } = await planted("hang", 100_000);
    expect(findings.map(({ problem }) => problem)).toEqual([expect.stringContaining("hang")]);
    expect(Buffer.from(findings[0]?.input ?? []).toString("latin1")).toMatch(/^:bad!/);
    expect(done).toBeUndefined();
  });

  it("sees memory that is not given back", async () => {
    const { done } = await planted("leak", 15_000);
    expect(done?.growth).toBeGreaterThan(mostGrowth);
  });
});

describe("instruments", () => {
  const evaluate = (source: string, call: string): unknown =>
    // oxlint-disable-next-line typescript/no-implied-eval -- what was instrumented must run
    new Function("__branches", `${source}\nreturn ${call};`)(globalThis.__branches);

  it("count each branch and leave the result as it was", () => {
    const source = `function f(a, b = 2) { if (a > 1) return a ?? b; for (const x of [1, 2]) b += x;
      switch (b) { case 5: case 6: b++; break; default: b = a ? 1 : 0; } try { a.b.c; } catch { b ||= 7; }
      const g = () => ({ b }); if (b) b = g().b; else if (a) b = 1; return b; }`;
    globalThis.__branches = new Uint8Array(64);
    const made = instrument(source, 3);
    for (const call of ["f(2)", "f(0)", "f(0, 3)", "f(1, 9)"])
      expect(evaluate(made.source, call)).toEqual(evaluate(source, call));
    const hits = globalThis.__branches;
    expect(made.branches[0]).toEqual({ line: 1, what: "AssignmentPattern" });
    expect(hits[3 + made.branches.findIndex(({ what }) => what === "FunctionDeclaration")]).toBe(4);
    expect(hits[3 + made.branches.findIndex(({ what }) => what === "ForOfStatement")]).toBe(6);
    expect(hits[3 + made.branches.findIndex(({ what }) => what === "AssignmentPattern")]).toBe(2);
    expect(hits.subarray(0, 3)).toEqual(new Uint8Array(3));
  });

  it("are valid code in every covered file", () => {
    for (const file of new Set(targets.flatMap(({ covers }) => covers))) {
      const { source, branches } = instrument(readFileSync(join(root, file), "utf8"), 0);
      expect(() => parse(source, { ecmaVersion: "latest", sourceType: "module" }), file).not.toThrow();
      expect(source.match(/__branches\[\d+\]\+\+/g)).toHaveLength(branches.length);
    }
  });
});

describe("mutators", () => {
  it("make mostly new inputs that keep the format", () => {
    const random = seededRandom(7);
    const der = Buffer.from("3009020105040430020500", "hex");
    const json = Buffer.from('{"a":[1,"x"],"b":{"c":null}}');
    const parses = (bytes: Uint8Array): boolean => {
      try {
        JSON.parse(Buffer.from(bytes).toString());
        return true;
      } catch {
        return false;
      }
    };
    const results = Array.from({ length: 500 }, () => ({
      der: mutateDer(der, { random, other: der, dictionary: [] }),
      json: mutateJson(json, { random, other: json, dictionary: [] }),
    }));
    expect(new Set(results.map((result) => Buffer.from(result.der).toString("hex"))).size).toBeGreaterThan(250);
    expect(results.filter((result) => parses(result.json)).length).toBeGreaterThan(300);
    const whole = (bytes: Uint8Array) => bytes.length > 1 && bytes[0] === 0x30 && bytes[1] === bytes.length - 2;
    expect(results.filter((result) => whole(result.der)).length).toBeGreaterThan(250);
  });
});
