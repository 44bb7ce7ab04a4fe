import { beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "#test/e2e/host";
import { type Emitted, emitted, kinds } from "./emitted.ts";
import { compare } from "./linters/linter.ts";
import { linters } from "./linters/registry.ts";

let objects: readonly Emitted[];
beforeAll(async () => {
  objects = await emitted();
});

describe.each(linters)("$name finds nothing in what we emit that is not acknowledged", ({ lint, acknowledged }) => {
  it.each(kinds)("%s", async (kind) => {
    const ours = objects.filter((object) => object.kind === kind);
    expect(ours).not.toEqual([]);
    const found = await lint(ours, temporaryDirectory());
    expect(compare(found, acknowledged[kind])).toEqual({ unexplained: [], stale: [] });
  });
});
