import * as asn1js from "asn1js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import { readDer, readInteger, readMagnitude, readNamedBits, readOid, readTime } from "./reader.ts";
import * as w from "./writer.ts";

const oracle = (der: Uint8Array): string => asn1js.fromBER(der).result.toString().replace(/\s+/g, " ");

describe("against asn1js", () => {
  it("reads back primitives", () => {
    expect(oracle(w.oid("1.2.840.113549.1.1.11"))).toContain("1.2.840.113549.1.1.11");
    expect(oracle(w.integer(65_537))).toBe("INTEGER : 65537");
    expect(oracle(w.utf8String("Müller"))).toBe("UTF8String : 'Müller'");
    expect(oracle(w.utcOrGeneralizedTime(Date.UTC(2049, 11, 31, 23, 59, 59)))).toContain("491231235959Z");
  });

  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000])("length of %i octets", (length) => {
    const der = w.octetString(new Uint8Array(length));
    const parsed = asn1js.fromBER(der);
    expect(parsed.offset).toBe(der.length);
    expect((parsed.result as asn1js.OctetString).valueBlock.valueHexView.length).toBe(length);
    expect(readDer(der, { maxBytes: 100_000 }).length).toBe(length);
  });
});

it("integer round trip", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 250n }), (n) => readInteger(readDer(w.integer(n)), "n") === n));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 21 }), (magnitude) => {
      const trimmed = hex(magnitude).replace(/^(00)+(?=..)/, "");
      expect(hex(readMagnitude(readDer(w.integer(magnitude)), "n"))).toBe(trimmed);
    }),
  );
  expect(() => w.integer(-1)).toThrow(TypeError);
  expect(() => w.integer(1.5)).toThrow(TypeError);
});

it("oid round trip, 128-bit arcs too", () => {
  const arc = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 122n }));
  const rooted = fc.oneof(
    fc.tuple(fc.constantFrom(0n, 1n), fc.bigInt({ min: 0n, max: 39n })),
    fc.tuple(fc.constant(2n), arc),
  );
  fc.assert(
    fc.property(rooted, fc.array(arc, { maxLength: 2 }), (root, rest) => {
      const dotted = [...root, ...rest].join(".");
      return readOid(readDer(w.oid(dotted))) === dotted;
    }),
  );
  for (const bad of ["", "1", "3.1", "1.40", "1.02", "1.2.", "a.b"]) expect(() => w.oid(bad)).toThrow(TypeError);
});

it("times round trip and change their form in 2050 and 1950 (RFC 5280 4.1.2.5)", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -62_000_000_000, max: 253_402_300_799 }),
      (seconds) =>
        readTime(readDer(w.utcOrGeneralizedTime(seconds * 1000)), "t") === seconds * 1000 &&
        readTime(readDer(w.generalizedTime(seconds * 1000 + 999)), "t") === seconds * 1000,
    ),
  );
  const first2050 = Date.UTC(2050, 0, 1);
  expect(w.utcOrGeneralizedTime(first2050 - 1)[0]).toBe(0x17);
  expect(w.utcOrGeneralizedTime(first2050)[0]).toBe(0x18);
  expect(w.utcOrGeneralizedTime(Date.UTC(1949, 11, 31))[0]).toBe(0x18);
  expect(w.utcOrGeneralizedTime(Date.UTC(1950, 0, 1))[0]).toBe(0x17);
  for (const bad of [Number.NaN, 8.64e15]) expect(() => w.utcOrGeneralizedTime(bad)).toThrow(TypeError);
});

it("named bits round trip", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 15 })), (bits) => {
      expect(readNamedBits(readDer(w.namedBits(bits)), "b")).toEqual([...bits].sort((a, b) => a - b));
    }),
  );
});

it("sorts SET OF and refuses characters that a string type cannot hold", () => {
  expect(hex(w.set(w.integer(2), w.integer(1)))).toBe("3106020101020102");
  expect(() => w.printableString("a;b")).toThrow(TypeError);
  expect(() => w.ia5String("ä")).toThrow(TypeError);
});
