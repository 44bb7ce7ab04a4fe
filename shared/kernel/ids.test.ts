import fc from "fast-check";
import { expect, test } from "vitest";
import { newId, randomBytes } from "#shared/crypto/random";
import { base32Label, isTenantId, uuidv7 } from "./ids.ts";

const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test("uuidv7 is a UUID of version 7 and variant 10, and sorts by its time (RFC 9562 5.7)", () => {
  fc.assert(
    fc.property(moment, moment, fc.uint8Array({ minLength: 10, maxLength: 10 }), (a, b, random) => {
      const [first, second] = [uuidv7(a, random), uuidv7(b, randomBytes(10))];
      expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(first.replaceAll("-", "").slice(0, 12), 16)).toBe(a);
      if (a !== b) expect(first < second).toBe(a < b);
    }),
  );
});

test("uuidv7 keeps all the randomness that the format has room for", () => {
  expect(uuidv7(0, new Uint8Array(10).fill(0xff))).toBe("00000000-0000-7fff-bfff-ffffffffffff");
  expect(uuidv7(0, new Uint8Array(10))).toBe("00000000-0000-7000-8000-000000000000");
  expect(() => uuidv7(0, new Uint8Array(9))).toThrow(TypeError);
});

test("ten thousand of one moment are all different", () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId(1))).size).toBe(10_000);
});

test("base32 labels are RFC 4648 6 in lower case without padding", () => {
  const vectors = {
    "": "",
    f: "my",
    fo: "mzxq",
    foo: "mzxw6",
    foob: "mzxw6yq",
    fooba: "mzxw6ytb",
    foobar: "mzxw6ytboi",
  };
  for (const [text, label] of Object.entries(vectors)) expect(base32Label(Buffer.from(text))).toBe(label);
});

test("tenant ids", () => {
  for (const id of ["a", "0", "acme", "acme-2", "a".repeat(63)]) expect(isTenantId(id)).toBe(true);
  for (const id of ["", "-a", "A", "a#b", "a/b", "a.b", "a b", "ä", "a".repeat(64), "a\n", "acme\0"])
    expect(isTenantId(id)).toBe(false);
});
