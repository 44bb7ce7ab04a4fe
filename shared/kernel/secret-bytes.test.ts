import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { SecretBytes } from "./secret-bytes.ts";

const text = "hunter2-hunter2";
const secret = (): SecretBytes => new SecretBytes(new Uint8Array(Buffer.from(text)));

test("no way of printing it shows it", () => {
  const bytes = secret();
  const shown = [
    String(bytes),
    JSON.stringify(bytes),
    JSON.stringify({ nested: [bytes] }),
    inspect(bytes, { showHidden: true, depth: 9 }),
    inspect({ nested: bytes }),
    format("%s %o %O %j", bytes, bytes, bytes, bytes),
    new Error("x", { cause: bytes }).stack ?? "",
    Object.keys(bytes).join(),
    JSON.stringify(Object.entries(bytes)),
  ].join("\n");
  for (const form of [
    text,
    Buffer.from(text).toString("hex"),
    Buffer.from(text).toString("base64"),
    "104, 117, 110",
    "104,117,110",
  ])
    expect(shown).not.toContain(form);
  expect(shown).toContain("[secret]");
});

test("wiped, the bytes are gone everywhere they were shared, and asking again is a defect", () => {
  const shared = new Uint8Array(Buffer.from(text));
  const bytes = new SecretBytes(shared);
  const view = bytes.reveal();
  bytes.wipe();
  expect(shared.every((byte) => byte === 0)).toBe(true);
  expect(view.every((byte) => byte === 0)).toBe(true);
  expect(() => bytes.reveal()).toThrow(TypeError);
  expect(() => bytes.wipe()).not.toThrow();
});

test("`using` wipes at the end of the block, also when it throws", () => {
  const shared = new Uint8Array(Buffer.from(text));
  expect(() => {
    using bytes = new SecretBytes(shared);
    bytes.reveal();
    throw new RangeError("out");
  }).toThrow(RangeError);
  expect(shared.every((byte) => byte === 0)).toBe(true);
});
