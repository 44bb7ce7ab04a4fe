import "#test/vectors/reflect-metadata";
import { X509Certificate } from "node:crypto";
import * as peculiar from "@peculiar/x509";
import fc from "fast-check";
import * as pkijs from "pkijs";
import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import {
  caTbs,
  leafExtensions,
  leafTbs,
  openssl,
  signed,
  signWith,
  testIssuerName,
  testKey,
  testKeyKinds,
  testNow,
  testSans,
  testUrls,
} from "#test/vectors/x509";
import { assembleSigned, parseCertificate, parseTbsCertificate } from "./certificate.ts";
import {
  boolean,
  explicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  tlv,
  utcOrGeneralizedTime,
} from "./der/writer.ts";
import * as ext from "./extensions.ts";
import { keyIdentifier } from "./key.ts";
import { commonName, nameDer, nameText } from "./name.ts";
import { oids } from "./oids.ts";
import { pemEncode } from "./pem.ts";
import { algorithmIdentifier } from "./signature-algorithm.ts";

const ca = testKey();
const leafKey = testKey();
const tbs = leafTbs(ca, leafKey);
const der = signed(ca, tbs);
const malformed = (detail: RegExp) =>
  expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) });

describe("a leaf as others see it", () => {
  it.each(testKeyKinds)("openssl verifies the chain under a %s CA, strictly", (kind) => {
    const issuer = testKey(kind);
    const files = {
      "ca.pem": pemEncode("CERTIFICATE", signed(issuer, caTbs(issuer))),
      "leaf.pem": pemEncode("CERTIFICATE", signed(issuer, leafTbs(issuer, leafKey))),
    };
    const args = [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-verify_hostname",
      "www.example.com",
      "-attime",
      String(testNow / 1000 + 60),
    ];
    expect(openssl([...args, "-CAfile", "ca.pem", "leaf.pem"], files).text.trim()).toBe("leaf.pem: OK");
  });

  it("openssl prints what was meant", () => {
    const { text } = openssl(["x509", "-inform", "DER", "-in", "c.der", "-noout", "-text"], { "c.der": der });
    for (const line of [
      "Version: 3 (0x2)",
      "Issuer: O = Example GmbH & Co, CN = Test Issuing CA",
      "Not Before: Jun  1 00:00:00 2025 GMT",
      "X509v3 Basic Constraints: critical\n                CA:FALSE",
      "X509v3 Key Usage: critical\n                Digital Signature\n",
      "TLS Web Server Authentication, TLS Web Client Authentication",
      "DNS:www.example.com, IP Address:192.0.2.7",
      `OCSP - URI:${testUrls.ocsp}`,
      `CA Issuers - URI:${testUrls.issuer}`,
      `URI:${testUrls.crl}`,
    ])
      expect(text).toContain(line);
  });

  it("Node, @peculiar/x509 and pkijs agree with parseCertificate", () => {
    const ours = parseCertificate(der);
    const node = new X509Certificate(der);
    expect(ours.serialHex).toBe(node.serialNumber.toLowerCase());
    expect(ours.notAfterMs).toBe(node.validToDate.getTime());
    expect(node.subjectAltName).toBe("DNS:www.example.com, IP Address:192.0.2.7");
    const other = new peculiar.X509Certificate(der);
    expect(nameText(ours.subject)).toBe(other.subject);
    expect(hex(ours.ski as Uint8Array)).toBe(other.getExtension(peculiar.SubjectKeyIdentifierExtension)?.keyId);
    expect(hex(ours.aki as Uint8Array)).toBe(other.getExtension(peculiar.AuthorityKeyIdentifierExtension)?.keyId);
    expect([...ours.extensions.keys()]).toEqual(pkijs.Certificate.fromBER(der).extensions?.map((one) => one.extnID));
  });

  it("has the same TBS as pkijs makes of it", () => {
    expect(new Uint8Array(pkijs.Certificate.fromBER(der).encodeTBS().toBER())).toEqual(tbs);
  });
});

describe("parseTbsCertificate", () => {
  it("reads back every field", () => {
    const read = parseTbsCertificate(tbs);
    expect(read).toMatchObject({
      version: 3,
      signatureAlgorithm: "ecdsa-with-SHA256",
      issuer: testIssuerName,
      subject: commonName("www.example.com"),
      notBeforeMs: testNow,
      notAfterMs: testNow + 90 * 86_400_000,
      timeEncoding: ["UTCTime", "UTCTime"],
      sans: testSans,
      basicConstraints: { ca: false },
      keyUsage: ["digitalSignature"],
      extKeyUsage: ["serverAuth", "clientAuth"],
      ski: keyIdentifier(leafKey.spki),
      aki: keyIdentifier(ca.spki),
      ocspUrls: [testUrls.ocsp],
      caIssuersUrls: [testUrls.issuer],
      crlUrls: [testUrls.crl],
      spki: leafKey.spki,
      tbs,
    });
    expect(read.issuerDer).toEqual(nameDer(testIssuerName));
  });

  it("round trips serials, times and constraints", () => {
    const serial = fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((bytes) => bytes[0] !== 0);
    const second = fc.integer({ min: 0, max: 253_402_300_799 });
    const usage = fc.uniqueArray(fc.constantFrom(...ext.keyUsageNames), { minLength: 1 });
    fc.assert(
      fc.property(serial, second, second, usage, fc.integer({ min: 0, max: 255 }), (bytes, from, to, bits, pathLen) => {
        const extensions = [ext.basicConstraints(true, pathLen), ext.keyUsage(bits)];
        const read = parseTbsCertificate(
          leafTbs(ca, leafKey, { serial: bytes, notBeforeMs: from * 1000, notAfterMs: to * 1000, extensions }),
        );
        expect(read.serialHex).toBe(hex(bytes));
        expect([read.notBeforeMs, read.notAfterMs]).toEqual([from * 1000, to * 1000]);
        expect(read.basicConstraints).toEqual({ ca: true, pathLen });
        expect(read.keyUsage).toEqual(ext.keyUsageNames.filter((name) => bits.includes(name)));
      }),
    );
  });

  it("reads name constraints that openssl reads too", () => {
    const constraints = {
      permitted: [
        { type: "dns", value: ".example.com" },
        { type: "ip", value: "10.0.0.0/8" },
      ],
      excluded: [
        { type: "email", value: "evil.example" },
        { type: "ip", value: "2001:db8::/32" },
        { type: "uri", value: ".x.example" },
      ],
    } as const;
    const bytes = leafTbs(ca, leafKey, {
      extensions: [ext.nameConstraints(constraints), ext.certificatePolicies(["2.5.29.32.0"]), ext.ocspNoCheck()],
    });
    expect(parseTbsCertificate(bytes).nameConstraints).toEqual(constraints);
    const { text } = openssl(["x509", "-inform", "DER", "-in", "c.der", "-noout", "-text"], {
      "c.der": signed(ca, bytes),
    });
    for (const line of [
      "DNS:.example.com",
      "IP:10.0.0.0/255.0.0.0",
      "email:evil.example",
      "X509v3 Any Policy",
      "OCSP No Check",
    ])
      expect(text).toContain(line);
  });

  const parts = (
    changes: Partial<Record<"version" | "serial" | "algorithm" | "validity" | "tail" | "list", Uint8Array>> = {},
  ) =>
    tlv(0x30, [
      changes.version ?? explicit(0, integer(2)),
      changes.serial ?? integer(5),
      changes.algorithm ?? algorithmIdentifier(ca.algorithm),
      nameDer(testIssuerName),
      changes.validity ?? sequence(utcOrGeneralizedTime(testNow), utcOrGeneralizedTime(testNow)),
      nameDer([]),
      leafKey.spki,
      changes.tail ?? explicit(3, changes.list ?? sequence(ext.basicConstraints(false))),
    ]);
  const none = new Uint8Array(0);
  const one = (dotted: string, value: Uint8Array) => ({ list: sequence(ext.extension(dotted, false, value)) });

  it.each([
    ["version 1", parts({ version: none, tail: none }), /version 1, must be 3/],
    ["version 2", parts({ version: explicit(0, integer(1)), tail: none }), /version 2, must be 3/],
    ["extensions in version 2", parts({ version: explicit(0, integer(1)) }), /extensions in version 2/],
    ["encoded default version", parts({ version: explicit(0, integer(0)), tail: none }), /default version/],
    ["version 4", parts({ version: explicit(0, integer(3)) }), /more than 2/],
    ["a negative serial", parts({ serial: Uint8Array.of(2, 1, 0xff) }), /negative/],
    ["a serial of 65 octets", parts({ serial: integer(new Uint8Array(65).fill(1)) }), /65 octets/],
    ["an unknown algorithm", parts({ algorithm: sequence(oid("1.2.840.113549.1.1.4")) }), /1\.2\.840\.113549\.1\.1\.4/],
    [
      "a third time",
      parts({ validity: sequence(utcOrGeneralizedTime(0), utcOrGeneralizedTime(0), utcOrGeneralizedTime(0)) }),
      /not expected/,
    ],
    ["a unique identifier", parts({ tail: tlv(0x81, [Uint8Array.of(0, 1)]) }), /not expected/],
    ["an empty extension list", parts({ list: sequence() }), /empty/],
    [
      "an extension twice",
      parts({ list: sequence(ext.basicConstraints(false), ext.basicConstraints(true)) }),
      /basicConstraints comes twice/,
    ],
    [
      "an encoded critical FALSE",
      parts({ list: sequence(sequence(oid(oids.keyUsage), boolean(false), octetString(namedBits([0])))) }),
      /critical FALSE/,
    ],
    ["an encoded cA FALSE", parts(one(oids.basicConstraints, sequence(boolean(false)))), /cA FALSE/],
    ["pathLen without cA", parts(one(oids.basicConstraints, sequence(integer(1)))), /without cA/],
    ["keyUsage with trailing zeros", parts(one(oids.keyUsage, Uint8Array.of(3, 2, 0, 0x80))), /trailing zero/],
    ["keyUsage without bits", parts(one(oids.keyUsage, namedBits([]))), /no bit/],
    ["keyUsage bit 9", parts(one(oids.keyUsage, namedBits([9]))), /bit 9/],
    ["an empty SAN", parts(one(oids.subjectAltName, sequence())), /empty/],
    ["trailing bytes in an extension", parts(one(oids.basicConstraints, Uint8Array.of(0x30, 0, 0))), /after the end/],
    ["an AKI with issuer only", parts(one(oids.authorityKeyIdentifier, sequence(tlv(0xa1, [])))), /come together/],
    [
      "a non-contiguous constraint mask",
      parts(
        one(
          oids.nameConstraints,
          sequence(tlv(0xa0, [sequence(tlv(0x87, [Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0)]))])),
        ),
      ),
      /address and mask/,
    ],
    ["two things", sequence(parts(), parts()), /serialNumber/],
    ["a whole certificate", der, /serialNumber/],
  ])("refuses %s", (_name, bytes, detail) => {
    expect(() => parseTbsCertificate(bytes)).toThrow(malformed(detail));
  });

  it("shows an unknown critical extension to the guard", () => {
    const read = parseTbsCertificate(
      leafTbs(ca, leafKey, { extensions: [ext.extension("1.2.3.4", true, integer(1))] }),
    );
    expect(read.extensions.get("1.2.3.4")).toEqual({ critical: true, value: integer(1) });
  });
});

describe("parseCertificate", () => {
  it("refuses differing inner and outer algorithms", () => {
    const mixed = assembleSigned(tbs, "ecdsa-with-SHA384", signWith(ca, tbs));
    expect(() => parseCertificate(mixed)).toThrow(malformed(/inner and outer/));
  });

  it("takes a larger certificate when told so", () => {
    const sans = Array.from(
      { length: 3000 },
      (_, i) => ({ type: "dns", value: `host-${i}.department.example.com` }) as const,
    );
    const large = signed(ca, leafTbs(ca, leafKey, { extensions: leafExtensions(ca, leafKey, sans) }));
    expect(() => parseCertificate(large)).toThrow(malformed(/more than the 65536/));
    expect(parseCertificate(large, { maxBytes: 200_000 }).sans).toHaveLength(3000);
  });

  it("reads openssl's own certificates, version 1 too", () => {
    const config =
      "[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=e\n[dn]\nO=x\n[e]\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid,issuer\nbasicConstraints=CA:true\n";
    const args = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "k",
      "-config",
      "c",
      "-outform",
      "DER",
      "-days",
      "30000",
    ];
    const read = parseCertificate(openssl(args, { c: config }).bytes);
    expect(read).toMatchObject({
      version: 3,
      basicConstraints: { ca: true },
      timeEncoding: ["UTCTime", "GeneralizedTime"],
    });
    expect(read.ski).toEqual(keyIdentifier(read.spki));
    const old = tlv(0x30, [
      integer(5),
      algorithmIdentifier(ca.algorithm),
      nameDer([]),
      sequence(utcOrGeneralizedTime(0), utcOrGeneralizedTime(1)),
      nameDer([]),
      ca.spki,
    ]);
    expect(parseCertificate(signed(ca, old))).toMatchObject({ version: 1, sans: [] });
  });
});

it("refuses misuse", () => {
  expect(() => leafTbs(ca, leafKey, { extensions: [] })).toThrow(TypeError);
  expect(() => ext.basicConstraints(false, 1)).toThrow(TypeError);
  expect(() => ext.subjectAltName([])).toThrow(TypeError);
  expect(() => ext.extKeyUsage(["nonsense"])).toThrow(TypeError);
});
