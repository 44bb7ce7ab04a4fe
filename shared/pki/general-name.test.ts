import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDer } from "./der/reader.ts";
import { ia5String, implicit } from "./der/writer.ts";
import {
  canonicalName,
  constraintDer,
  generalNameDer,
  generalNameText,
  parseConstraint,
  parseGeneralName,
  type SubjectNameType,
} from "./general-name.ts";
import { cidrBytes, cidrText, ipBytes, ipText } from "./ip.ts";

describe("IP text", () => {
  it("agrees with Node on what an address is, and with the URL standard on its canonical form (RFC 5952)", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,40}$/)), (text) => {
        const bytes = ipBytes(text);
        expect(bytes !== undefined).toBe(isIP(text) !== 0);
        if (bytes?.length === 16) expect(`[${ipText(bytes)}]`).toBe(new URL(`http://[${text}]`).hostname);
        if (bytes?.length === 4) expect(ipText(bytes)).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    "::1::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "1.2.3.4::",
    "",
    "12345::",
  ])("refuses %s", (text) => {
    expect(ipBytes(text)).toBeUndefined();
  });

  it("reads and writes CIDR", () => {
    for (const text of ["10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32", "2001:db8::/33", "::/0", "10.128.0.0/9"])
      expect(cidrText(cidrBytes(text) as Uint8Array)).toBe(text);
    for (const text of ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/08", "x/8"])
      expect(cidrBytes(text)).toBeUndefined();
    expect(cidrText(Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0))).toBeUndefined();
    expect(cidrText(Uint8Array.of(10, 0, 0, 0))).toBeUndefined();
  });
});

describe("names that may be issued", () => {
  it.each<[SubjectNameType, string, string]>([
    ["dns", "WWW.Example.COM", "www.example.com"],
    ["dns", "*.example.com", "*.example.com"],
    ["dns", "localhost", "localhost"],
    ["dns", "xn--mller-kva.de", "xn--mller-kva.de"],
    ["dns", `${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
    ["ip", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["email", "Ops+x@Example.COM", "Ops+x@example.com"],
    ["uri", "spiffe://example.org/ns/a", "spiffe://example.org/ns/a"],
    ["uri", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
  ])("%s %s", (type, text, canonical) => {
    const name = { type, value: canonical };
    expect(canonicalName(type, text)).toEqual(name);
    expect(parseGeneralName(readDer(generalNameDer({ type, value: text })))).toEqual(name);
  });

  it.each<[SubjectNameType, string]>([
    ["dns", ""],
    ["dns", "example.com."],
    ["dns", ".example.com"],
    ["dns", "a..b"],
    ["dns", "-a.com"],
    ["dns", "a-.com"],
    ["dns", "under_score.com"],
    ["dns", "*"],
    ["dns", "*.*.com"],
    ["dns", "a.*.com"],
    ["dns", "f*.example.com"],
    ["dns", "müller.de"],
    ["dns", "\u212a.example"], // KELVIN SIGN lower-cases to k
    ["dns", "192.0.2.1"],
    ["dns", `${"a".repeat(64)}.com`],
    ["dns", `${"a.".repeat(127)}aa`],
    ["dns", "a b.com"],
    ["ip", "192.0.2.1/24"],
    ["email", "nobody"],
    ["email", "@example.com"],
    ["email", "a@b@example.com"],
    ["email", '"a b"@example.com'],
    ["email", "a@*.example.com"],
    ["email", ".a@example.com"],
    ["uri", "/relative"],
    ["uri", "https://"],
    ["uri", "https:///x"],
    ["uri", "https://exämple.com"],
    ["uri", "https://a b"],
    ["uri", "https://a/%zz"],
    ["uri", `https://a/${"x".repeat(2048)}`],
  ])("refuses %s %s", (type, text) => {
    const refusal = expect.objectContaining({ code: "invalid_field", field: "sans" });
    expect(() => canonicalName(type, text, "sans")).toThrow(refusal);
  });
});

describe("parseGeneralName", () => {
  it("names the kinds that it does not read", () => {
    const other = parseGeneralName(readDer(implicit(8, Uint8Array.of(42))));
    expect(other).toEqual({ type: "other", tag: 8 });
    expect(generalNameText(other)).toBe("registeredID");
    expect(() => generalNameDer(other)).toThrow(TypeError);
  });

  it.each([
    ["an IP of 5 octets", implicit(7, new Uint8Array(5)), /5 octets/],
    ["a DNS name with NUL", ia5String("a.com\0.evil.com", 0x82), /NUL/],
    ["a DNS name with a blank", ia5String("a com", 0x82), /blanks/],
    ["an empty DNS name", ia5String("", 0x82), /empty/],
    ["non-ASCII", implicit(2, Uint8Array.of(0xe4)), /IA5String/],
    ["tag 9", implicit(9, Uint8Array.of(1)), /unknown kind/],
    ["a universal tag", ia5String("a"), /unknown kind/],
  ])("refuses %s", (_name, der, detail) => {
    expect(() => parseGeneralName(readDer(der))).toThrow(
      expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) }),
    );
  });
});

it("name constraints keep their base", () => {
  for (const name of [
    { type: "dns", value: ".example.com" },
    { type: "dns", value: "" },
    { type: "ip", value: "10.0.0.0/8" },
    { type: "ip", value: "2001:db8::/32" },
    { type: "email", value: "example.com" },
    { type: "uri", value: ".example.com" },
  ] as const)
    expect(parseConstraint(readDer(constraintDer(name)))).toEqual(name);
  expect(() => constraintDer({ type: "ip", value: "10.0.0.1/8" })).toThrow(
    expect.objectContaining({ code: "invalid_field" }),
  );
});
