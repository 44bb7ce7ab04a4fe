import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { randomBytes } from "./random.ts";
import { openStream, sealStream } from "./sealed-stream.ts";

const key = randomBytes(32);
const aad = randomBytes(20);
const sealedBytes = 64 * 1024 + 16;

function seal(parts: readonly Uint8Array[]): Uint8Array {
  const out: Uint8Array[] = [];
  const writer = sealStream(key, aad, (bytes) => out.push(Uint8Array.from(bytes)));
  for (const part of parts) writer.write(part);
  writer.end();
  return concat(...out);
}

function open(sealed: Uint8Array, withKey = key, withAad = aad): Uint8Array {
  let at = 0;
  const parts: Uint8Array[] = [];
  for (const part of openStream(withKey, withAad, (length) => sealed.subarray(at, (at += length))))
    parts.push(Uint8Array.from(part));
  return concat(...parts);
}

const refusal = (sealed: Uint8Array, withKey = key, withAad = aad): string => {
  try {
    open(sealed, withKey, withAad);
  } catch (error) {
    if (isFailure(error, "corrupt")) return error.message;
    throw error;
  }
  return "opened";
};

describe("a sealed stream", () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])("of %i bytes comes back", (length) => {
    const plaintext = randomBytes(length);
    const parts = [plaintext.subarray(0, 7), plaintext.subarray(7, 100_000), plaintext.subarray(100_000)];
    expect(Buffer.compare(open(seal(parts)), plaintext)).toBe(0);
  });

  const plaintext = randomBytes(150_000);
  const sealed = seal([plaintext]);

  it("shows nothing of its plaintext", () => {
    const text = new Uint8Array(1000).fill(65);
    expect(Buffer.from(seal([text])).includes("AAAA")).toBe(false);
  });

  it("does not open under another key or at another place", () => {
    expect(refusal(sealed, randomBytes(32))).toMatch(/damaged.*after byte 0 /);
    expect(refusal(sealed, key, randomBytes(20))).toMatch(/damaged.*after byte 0 /);
  });

  it("does not open with any bit changed", () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (at, bit) => {
        const changed = Uint8Array.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(refusal(changed)).toMatch(
          new RegExp(`damaged.*after byte ${Math.floor(at / sealedBytes) * sealedBytes} `),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("does not open when it is cut anywhere", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(0, sealedBytes, 2 * sealedBytes), fc.nat(sealed.length - 1)), (length) => {
        expect(refusal(sealed.subarray(0, length))).toMatch(/cut short/);
      }),
      { numRuns: 60 },
    );
  });

  it("does not open with chunks moved, doubled, left out or appended", () => {
    const [a, b, c] = [0, 1, 2].map((n) => sealed.subarray(n * sealedBytes, (n + 1) * sealedBytes)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    for (const order of [
      [b, a, c],
      [a, a, b, c],
      [a, c],
      [b, c],
      [a, b, c, c],
      [a, b, c, new Uint8Array(1)],
    ])
      expect(refusal(concat(...order))).not.toBe("opened");
    const whole = seal([randomBytes(65_536)]);
    expect(refusal(concat(whole, new Uint8Array(1)))).toMatch(/appended/);
  });
});
