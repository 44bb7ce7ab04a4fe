import { beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "#test/e2e/host";
import { compare } from "./acknowledged.ts";
import { type Emitted, emitted, type Kind } from "./emitted.ts";
import { acknowledged } from "./zlint-acknowledged.ts";
import { lintByZlint } from "./zlint.ts";

let objects: readonly Emitted[];
beforeAll(async () => {
  objects = await emitted();
});

const kinds: readonly Kind[] = ["root", "issuing CA", "leaf", "OCSP responder", "CRL", "OCSP response"];

describe("zlint finds nothing in what we emit that is not acknowledged", () => {
  it.each(kinds)("%s", async (kind) => {
    const ours = objects.filter((object) => object.kind === kind);
    expect(ours).not.toEqual([]);
    const found = await lintByZlint(ours, temporaryDirectory());
    expect(compare(found, acknowledged[kind])).toEqual({ unexplained: [], stale: [] });
  });
});
