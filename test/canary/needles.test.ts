/** The search finds what it is to find: a canary that cannot sing proves nothing. */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { searchFor } from "./needles.ts";

const key = randomBytes(48);
const password = Buffer.from('pä"ss\\wörd/+ 9f3a');
const search = searchFor([
  { name: "key", bytes: key },
  { name: "password", bytes: password },
]);
const around = (inner: Uint8Array | string): Buffer =>
  Buffer.concat([randomBytes(101), Buffer.from(inner as string), randomBytes(77)]);
const found = (inner: Uint8Array | string): string[] => search.leaksIn(around(inner)).map(({ secret }) => secret);

describe("a planted key is found", () => {
  const piece = key.subarray(9, 25);
  const forms: Readonly<Record<string, Uint8Array | string>> = {
    raw: key,
    "16 bytes of it": piece,
    reversed: key.toReversed(),
    hex: key.toString("hex"),
    "hex of 16 bytes, upper case": piece.toString("hex").toUpperCase(),
    "reversed hex": Buffer.from(key.toReversed()).toString("hex"),
    base64: key.toString("base64"),
    base64url: key.toString("base64url"),
    "base64 within more": Buffer.concat([randomBytes(1), key, randomBytes(3)]).toString("base64"),
    "base64 within more, otherwise": Buffer.concat([randomBytes(2), key]).toString("base64"),
    "base64 of a piece within more": Buffer.concat([randomBytes(4), key.subarray(3, 21), randomBytes(5)]).toString(
      "base64",
    ),
    PEM: `-----BEGIN X-----\n${Buffer.concat([randomBytes(7), key])
      .toString("base64")
      .replace(/.{64}/g, "$&\n")}\n-----END X-----`,
    "PEM in JSON": JSON.stringify(`-----BEGIN X-----\n${key.toString("base64")}\n-----END X-----`),
    DER: Buffer.concat([Buffer.from("3032043", "hex"), key]),
  };
  it.each(Object.keys(forms))("as %s", (form) => {
    expect(found(forms[form] ?? "")).toEqual(["key"]);
  });
});

describe("a planted password is found", () => {
  const text = password.toString();
  const forms: Readonly<Record<string, string | Buffer>> = {
    text,
    JSON: JSON.stringify({ text }),
    "JSON in JSON": JSON.stringify(JSON.stringify({ text })),
    URL: encodeURIComponent(text),
    "UTF-16": Buffer.from(text, "utf16le"),
    base64: Buffer.from(`user:${text}`).toString("base64"),
  };
  it.each(Object.keys(forms))("as %s", (form) => {
    expect(found(forms[form] ?? "")).toEqual(["password"]);
  });
});

it("nothing is found where nothing is, nor in less than 16 bytes", () => {
  expect(search.leaksIn(randomBytes(1 << 20))).toEqual([]);
  const other = Buffer.from([~(key[15] ?? 0) & 0xff]); // by chance it would be the sixteenth now and then
  expect(search.leaksIn(Buffer.concat([Buffer.alloc(9), key.subarray(0, 15), other, Buffer.alloc(9)]))).toEqual([]);
  expect(() => searchFor([{ name: "short", bytes: Buffer.from("hunter2") }])).toThrow(TypeError);
});
