/** The kept corpus again, without instruments: every input that was worth keeping, and all that once was a finding. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { root } from "../../toolchain/runtime.mjs";
import { readCorpus } from "./corpus.ts";
import { outcome } from "./outcome.ts";
import { targets } from "./registry.ts";
import type { Target } from "./target.ts";

describe.each(targets)("$name", ({ name, load }) => {
  it("gives a value or refuses, for every kept input and every valid one", async () => {
    const target = await load();
    const kept = readCorpus(name);
    expect(kept.length).toBeGreaterThan(0);
    for (const { bytes } of kept) expect(await outcome(target, bytes)).toBeUndefined();
    const accepted = [];
    for (const seed of target.seeds()) {
      expect(await outcome(target, seed)).toBeUndefined();
      accepted.push(
        await Promise.resolve(seed)
          .then(target.run)
          .then(
            () => true,
            () => false,
          ),
      );
    }
    expect(accepted).toContain(true); // a target that refuses everything tests nothing
  });
});

it("no corpus is left of a target that is gone, and all are small", () => {
  const files = readdirSync(join(root, "test", "fuzz", "corpus"));
  expect(files.toSorted()).toEqual(targets.map(({ name }) => `${name}.txt`).toSorted());
});

describe("an outcome", () => {
  const throwing = (error: unknown): Target => ({
    run() {
      throw error;
    },
    refusals: ["malformed"],
    seeds: () => [],
  });

  it("is fine for a declared refusal, a finding for everything else", async () => {
    expect(await outcome(throwing(new Failure("malformed", "no")), new Uint8Array())).toBeUndefined();
    for (const error of [new Failure("internal", "no"), new TypeError("x"), new RangeError("y"), "text", undefined])
      expect(await outcome(throwing(error), new Uint8Array())).toBeDefined();
  });
});
