import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import {
  type DerLimits,
  type DerNode,
  readBoolean,
  readDer,
  readInteger,
  readNamedBits,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from "./reader.ts";
import { oid } from "./writer.ts";

const read = (hex: string, limits?: DerLimits): DerNode => readDer(fromHex(hex.replaceAll(" ", "")), limits);
const refused = (hex: string, detail: RegExp, use: (node: DerNode) => unknown = () => {}): void => {
  let seen: unknown;
  try {
    use(read(hex, { field: "csr" }));
  } catch (error) {
    seen = error;
  }
  expect(seen).toBeInstanceOf(Failure);
  expect(seen).toMatchObject({ code: "malformed", field: "csr", message: expect.stringMatching(detail) });
};

describe("X.690 strictness", () => {
  it.each([
    ["indefinite length", "3080 020101 0000", /indefinite/],
    ["length in the long form below 128", "30810 3020101".replace(/ /g, ""), /not minimal/],
    ["length with a leading zero octet", `3082 0080 ${"0500".repeat(64)}`, /not minimal/],
    ["length beyond the input", "3004 020101", /goes beyond/],
    ["length of 4 GiB", "3084 ffffffff 020101", /goes beyond/],
    ["length of 5 octets", "3085 0000000003 020101", /5 octets/],
    ["reserved length FF", `30ff ${"00".repeat(127)}`, /127 octets/],
    ["cut off in the length", "3082 01", /cut off/],
    ["cut off after the tag", "30", /cut off/],
    ["empty input", "", /cut off/],
    ["child beyond its parent", "3003 020401 02030405", /goes beyond/],
    ["trailing data", "3003 020101 00", /1 bytes after/],
    ["high tag number", "3f8101 00", /tag numbers/],
    ["end-of-contents", "3002 0000", /end-of-contents/],
    ["primitive SEQUENCE", "1000", /primitive/],
    ["constructed OCTET STRING", "2403 040101", /constructed 0x24/],
    ["BOOLEAN 01", "0101 01", /BOOLEAN/],
    ["INTEGER 0001", "0202 0001", /INTEGER is not minimal/],
    ["INTEGER FF80", "0202 ff80", /INTEGER is not minimal/],
    ["empty INTEGER", "0200", /empty INTEGER/],
    ["ENUMERATED not minimal", "0a02 0001", /not minimal/],
    ["NULL with content", "0501 00", /NULL/],
    ["OID arc padded", "0604 2a8001 01", /arc is not minimal/],
    ["OID ends within an arc", "0602 2a86", /ends within/],
    ["OID of 65 octets", `0641 ${"01".repeat(65)}`, /longer than 64/],
    ["UniversalString of 3 octets", "1c03 000000", /UniversalString/],
    ["BMPString of 3 octets", "1e03 000000", /BMPString/],
    ...["07", "08", "09", "0b", "0d", "0e", "0f"].map(
      (tag) => [`universal tag 0x${tag}`, `${tag}0100`, /has no place/] as [string, string, RegExp],
    ),
    ["BIT STRING without count", "0300", /empty BIT STRING/],
    ["BIT STRING with 8 unused", "0302 0800", /unused/],
    ["BIT STRING with unused bits set", "0302 0101", /not zero/],
  ])("refuses %s", (_name, hex, detail) => {
    refused(hex, detail);
  });

  it("accepts the neighbours of what it refuses", () => {
    expect(readInteger(read("0202 0080"), "x")).toBe(128n);
    expect(read("0202 ff7f").length).toBe(2);
    expect(readBoolean(read("0101 ff"), "x")).toBe(true);
    expect(read(`3081 80 ${"0500".repeat(64)}`).children()).toHaveLength(64);
    expect(readOid(read("0603 2a8648"))).toBe("1.2.840");
    expect(read("1c04 00000041").length + read("1e02 0041").length).toBe(6);
  });

  it("reads no OID that cannot be written: 40 arcs and 128 bits at most", () => {
    for (const hex of [`0627${"01".repeat(39)}`, `0615 69 83${"ff".repeat(17)}7f 01`.replaceAll(" ", "")]) {
      const node = read(hex);
      expect(oid(readOid(node))).toEqual(node.raw);
    }
    refused(`0628${"01".repeat(40)}`, /more than 40 arcs/, readOid);
    refused(`0614 69 84${"80".repeat(17)}00`, /more than 128 bits/, readOid);
  });
});

describe("limits", () => {
  const nested = (depth: number): string => {
    let der = "";
    for (let i = 0; i < depth; i++) der = `30${(der.length / 2).toString(16).padStart(2, "0")}${der}`;
    return der;
  };

  it("refuses depth 17, accepts 16", () => {
    expect(read(nested(16)).constructed).toBe(true);
    refused(nested(17), /deeper than 16/);
  });

  it("survives nesting that would exhaust the stack", () => {
    const depth = 15_000;
    let der = new Uint8Array(0);
    const parts: number[] = [];
    for (let i = 0, length = 0; i < depth; i++, length = parts.length) {
      if (length < 0x80) parts.unshift(0x30, length);
      else if (length < 0x100) parts.unshift(0x30, 0x81, length);
      else parts.unshift(0x30, 0x82, length >> 8, length & 0xff);
    }
    der = Uint8Array.from(parts);
    expect(der.length).toBeGreaterThan(40_000);
    expect(() => readDer(der)).toThrow(/deeper than 16/);
  });

  it("refuses the element after the last allowed", () => {
    expect(read("3004 0500 0500", { maxElements: 3 }).children()).toHaveLength(2);
    expect(() => read("3004 0500 0500", { maxElements: 2 })).toThrow(/more than 2 elements/);
    expect(() => readDer(fromHex(`30822710${"0500".repeat(5000)}`))).toThrow(/more than 4096/);
  });

  it("refuses a byte above the cap", () => {
    const whole = new Uint8Array(65_537);
    whole.set([0x04, 0x82, 0xff, 0xfc]);
    expect(readDer(whole.subarray(0, 65_536)).length).toBe(65_532);
    expect(() => readDer(whole)).toThrow(/65537 bytes is more than the 65536/);
  });

  it("takes misuse for what it is", () => {
    expect(() => readDer("3000" as unknown as Uint8Array)).toThrow(TypeError);
  });
});

describe("values", () => {
  const text = (value: string) => Buffer.from(value).toString("hex");
  const time = (tag: string, value: string) => `${tag}${value.length.toString(16).padStart(2, "0")}${text(value)}`;

  it("reads times", () => {
    expect(readTime(read(time("17", "491231235959Z")), "t")).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(readTime(read(time("17", "500101000000Z")), "t")).toBe(Date.UTC(1950, 0, 1));
    expect(readTime(read(time("18", "99991231235959Z")), "t")).toBe(253_402_300_799_000);
    expect(readTime(read(time("18", "20240229000000Z")), "t")).toBe(Date.UTC(2024, 1, 29));
    const early = new Date(0);
    early.setUTCFullYear(0, 0, 1);
    expect(readTime(read(time("18", "00000101000000Z")), "t")).toBe(early.getTime());
  });

  it.each([
    ["17", "250229000000Z"],
    ["17", "251301000000Z"],
    ["17", "250001000000Z"],
    ["17", "250100000000Z"],
    ["17", "250101240000Z"],
    ["17", "250101006000Z"],
    ["17", "250101000060Z"],
    ["17", "2501010000Z"],
    ["17", "250101000000+0000"],
    ["17", "25010100000aZ"],
    ["17", "250101000000z"],
    ["18", "20250101000000.5Z"],
    ["18", "20250101000000"],
    ["18", "250101000000Z"],
    ["17", "20250101000000Z"],
  ])("refuses time %s %s", (tag, value) => {
    refused(time(tag, value), /time|date/, (node) => readTime(node, "t"));
  });

  it("reads named bits and refuses trailing zeros", () => {
    expect(readNamedBits(read("0302 0780"), "ku")).toEqual([0]);
    expect(readNamedBits(read("0303 070680"), "ku")).toEqual([5, 6, 8]);
    expect(readNamedBits(read("0301 00"), "ku")).toEqual([]);
    refused("0302 0080", /trailing zero/, (node) => readNamedBits(node, "ku"));
    refused("0303 008000", /trailing zero/, (node) => readNamedBits(node, "ku"));
  });

  it("refuses negative and too large integers", () => {
    refused("0201 ff", /negative/, (node) => readInteger(node, "n"));
    refused("0202 0100", /more than 255/, (node) => readSmallInteger(node, "n", 255));
    refused(`0221 ${"01".repeat(33)}`, /33 octets/, (node) => readInteger(node, "n"));
  });

  it("refuses text that its type cannot hold", () => {
    refused("0c02 c328", /UTF8String/, (node) => readText(node, "CN"));
    refused("0c03 610062", /NUL/, (node) => readText(node, "CN"));
    refused("1301 3b", /PrintableString/, (node) => readText(node, "CN"));
    refused("1601 e4", /IA5String/, (node) => readText(node, "CN"));
    refused("1e03 006100", /BMPString/, (node) => readText(node, "CN"));
    refused("0401 61", /not a character string/, (node) => readText(node, "CN"));
    expect(readText(read("1e04 00fc0062"), "CN")).toBe("üb");
  });
});

it("answers arbitrary bytes with a node or a Failure, and every node it gives can be walked", () => {
  const walk = (node: DerNode): number =>
    node.constructed ? node.children().reduce((sum, child) => sum + walk(child), 1) : 1;
  const headers = fc.constantFrom(0x30, 0x31, 0xa0, 0x02, 0x03, 0x04, 0x05, 0x06, 0x80, 0x81, 0x82, 0, 1, 2, 3, 4, 5);
  const bytes = fc.array(fc.oneof(headers, fc.integer({ min: 0, max: 255 })), { maxLength: 64 });
  let accepted = 0;
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        const node = readDer(Uint8Array.from(input));
        expect(walk(node)).toBeGreaterThan(0);
        expect(node.raw.length).toBe(input.length);
        accepted++;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(20);
});
