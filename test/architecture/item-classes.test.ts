/** Nothing is stored that was not classified (I2): a write of an undeclared kind does not compile, and no cast goes round that. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { itemKinds, partition } from "#events/item-kinds";
import { type Blob, blobKey, blobKinds } from "#shared/ports/blob";
import type { ItemClass } from "#shared/ports/item-class";
import type { Item } from "#shared/ports/table";
import { root } from "../../toolchain/runtime.mjs";

/** The types are the assertion: the compiler fails on an `@ts-expect-error` under which nothing is wrong. */
export const undeclaredKindsDoNotCompile = (blob: Blob): unknown => [
  partition("acme", "owner"),
  // @ts-expect-error a kind that is not in events/item-kinds.ts
  partition("acme", "undeclared"),
  // @ts-expect-error a key that `partition` did not make
  { pk: "T#acme#undeclared", sk: "a", rev: 1, body: "{}" } satisfies Item,
  // @ts-expect-error nor a view that it did not make
  { pk: partition("acme", "owner"), sk: "a", rev: 1, body: "", view: { pk: "T#acme#V#x", sk: "a" } } satisfies Item,
  // @ts-expect-error a kind that is not among `blobKinds`
  blobKey("acme", "undeclared", "a"),
  // @ts-expect-error a key that `blobKey` did not make
  blob.put("acme/undeclared/a", new Uint8Array(1)),
  // @ts-expect-error a class that there is not
  { undeclared: "precious" } satisfies Record<string, ItemClass>,
];

/** Where a key may be taken for classified: where it is made, and where it comes back from a store. */
const mayCast: Readonly<Record<string, number>> = {
  "events/item-kinds.ts": 1,
  "shared/ports/blob.ts": 1,
  "shared/adapters/aws/table.ts": 2,
};

const casts = (text: string): number =>
  text.match(/\bas (unknown as )?(Partition|BlobKey|ItemKey|Item|ViewEntry|Write)\b(?!\[\])/g)?.length ?? 0;

describe("item classes", () => {
  it("a cast to a key is found", () => {
    expect(casts("blob.put(text as BlobKey, bytes); ({ pk: text }) as unknown as Item")).toBe(2);
    expect(casts("import type { Partition as P }; page as Item[]")).toBe(0);
  });

  it("no product code takes a text for a key", () => {
    const files = globSync("{shared,events,signer,functions,infra,bridge,agent,cli}/**/*.ts", { cwd: root }).filter(
      (file) => !file.endsWith(".test.ts"),
    );
    expect(files.length).toBeGreaterThan(100);
    const found = files.map((file) => [file, casts(readFileSync(join(root, file), "utf8"))] as const);
    expect(Object.fromEntries(found.filter(([, count]) => count > 0))).toEqual(mayCast);
  });

  it("every kind has one of the classes", () => {
    const classes = [...Object.values(itemKinds), ...Object.values(blobKinds)];
    expect(classes.length).toBeGreaterThan(10);
    expect(classes.filter((one) => !["log", "derived", "sealed", "ephemeral"].includes(one))).toEqual([]);
  });
});
