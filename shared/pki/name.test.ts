import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafTbs, openssl, signed, testKey } from "#test/vectors/x509";
import { readDer } from "./der/reader.ts";
import { oid, sequence, set, tlv, utf8String } from "./der/writer.ts";
import { commonName, type Name, nameDer, nameText, parseName } from "./name.ts";
import { pemEncode } from "./pem.ts";

const ca = testKey();
const subjectByOpenssl = (subject: Name): string => {
  const pem = pemEncode("CERTIFICATE", signed(ca, leafTbs(ca, ca, { subject })));
  const args = ["x509", "-in", "c.pem", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"];
  return openssl(args, { "c.pem": pem }).text.replace(/^subject=|\n$/g, "");
};

describe("nameText (RFC 4514)", () => {
  const names: [string, Name][] = [
    ["order", [[{ type: "C", value: "DE" }], [{ type: "O", value: "Example" }], [{ type: "CN", value: "a" }]]],
    ["specials", commonName('a,b+c"d\\e<f>g;h=i#j', "O")],
    ["blanks at the ends", commonName("  x  ")],
    ["leading number sign", commonName("#x")],
    ["unicode", commonName("Müller 株式会社")],
    [
      "domain components",
      [[{ type: "DC", value: "com" }], [{ type: "DC", value: "example" }], [{ type: "UID", value: "u" }]],
    ],
  ];
  it.each(names)("agrees with openssl: %s", (_name, name) => {
    expect(nameText(parseName(readDer(nameDer(name))))).toBe(subjectByOpenssl(name));
  });

  it("shows unknown types as hex and escapes control characters", () => {
    expect(nameText([[{ type: "1.2.3", value: "x" }]])).toBe("1.2.3=#0c0178");
    expect(nameText(commonName("a\nb"))).toBe("CN=a\\0ab");
    expect(nameText(commonName(" "))).toBe("CN=\\ ");
    expect(nameText([])).toBe("");
    expect(
      nameText([
        [
          { type: "CN", value: "y" },
          { type: "O", value: "x" },
        ],
      ]),
    ).toBe("CN=y+O=x");
  });
});

it("round trips every name that it can encode", () => {
  const text = (max: number) =>
    fc
      .string({ minLength: 1, maxLength: max, unit: "grapheme" })
      .filter((s) => !s.includes("\0") && Array.from(s).length <= max);
  const printable = fc.stringMatching(/^[A-Za-z0-9 '()+,\-./:=?]{1,64}$/);
  const attribute = fc.oneof(
    fc.record({ type: fc.constantFrom("CN", "O", "OU", "L", "ST", "UID", "STREET"), value: text(64) }),
    fc.record({ type: fc.constant("serialNumber"), value: printable }),
    fc.record({ type: fc.constantFrom("emailAddress", "DC"), value: fc.stringMatching(/^[ -~]{1,63}$/) }),
    fc.record({ type: fc.constant("1.3.6.1.4.1.99999.1"), value: text(64).filter((s) => !s.startsWith("#")) }),
    fc.constant({ type: "1.2.3.4", value: "#0403010203" }),
  );
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 6 }), (attributes) => {
      const name = attributes.map((one) => [one]);
      expect(parseName(readDer(nameDer(name)))).toEqual(name);
    }),
  );
});

describe("refusals", () => {
  it.each([
    [{ type: "C", value: "DEU" }],
    [{ type: "C", value: "D" }],
    [{ type: "CN", value: "" }],
    [{ type: "CN", value: "x".repeat(65) }],
    [{ type: "2.5.4.3", value: "x".repeat(65) }],
    [{ type: "CN", value: "a\0b" }],
    [{ type: "CN", value: "\ud800" }],
    [{ type: "serialNumber", value: "ä" }],
    [{ type: "emailAddress", value: "ä@example.com" }],
    [{ type: "nonsense", value: "x" }],
    [{ type: "1.99.1", value: "x" }],
    [{ type: "1.2.3", value: "#3080" }],
  ])("nameDer refuses %o with invalid_field", (attribute) => {
    expect(() => nameDer([[attribute]])).toThrow(expect.objectContaining({ code: "invalid_field", field: "subject" }));
  });

  const attribute = (value: Uint8Array) => sequence(oid("2.5.4.3"), value);
  it.each([
    ["an empty RDN", sequence(set()), /0 attributes/],
    ["33 RDNs", sequence(...Array.from({ length: 33 }, () => set(attribute(utf8String("x"))))), /more than 32/],
    [
      "9 attributes in one RDN",
      sequence(set(...Array.from({ length: 9 }, () => attribute(utf8String("x"))))),
      /9 attributes/,
    ],
    ["a long value", sequence(set(attribute(utf8String("x".repeat(1025))))), /longer than 1024/],
    ["three members", sequence(set(sequence(oid("2.5.4.3"), utf8String("x"), utf8String("y")))), /not expected/],
    ["a SEQUENCE of attributes", sequence(sequence(attribute(utf8String("x")))), /expected element 0x31/],
    ["an OCTET STRING value", sequence(set(attribute(tlv(4, [Uint8Array.of(1)])))), /not a character string/],
  ])("parseName refuses %s", (_name, der, detail) => {
    expect(() => parseName(readDer(der))).toThrow(
      expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) }),
    );
  });

  it("keeps text that starts with # apart from hex of the same look", () => {
    const der = sequence(set(sequence(oid("1.2.3"), utf8String("#0500"))));
    const name = parseName(readDer(der));
    expect(name[0]?.[0]?.value).toBe("#0c052330353030");
    expect(nameDer(name)).toEqual(der);
  });
});
