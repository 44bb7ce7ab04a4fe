import fc from "fast-check";
import * as pkijs from "pkijs";
import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import { caTbs, leafTbs, openssl, signed, testIssuerName, testKey, testNow, testUrls } from "#test/vectors/x509";
import { assembleSigned, parseTbsCertificate } from "./certificate.ts";
import {
  buildTbsCertList,
  type CrlEntrySpec,
  parseCertificateList,
  parseTbsCertList,
  type TbsCertListSpec,
} from "./crl.ts";
import {
  boolean,
  enumerated,
  explicit,
  integer,
  octetString,
  oid,
  sequence,
  tlv,
  utcOrGeneralizedTime,
} from "./der/writer.ts";
import * as ext from "./extensions.ts";
import { keyIdentifier } from "./key.ts";
import { nameDer } from "./name.ts";
import { oids } from "./oids.ts";
import { pemEncode } from "./pem.ts";
import { reasonNames } from "./reason.ts";
import { algorithmIdentifier } from "./signature-algorithm.ts";

const ca = testKey();
const spec: TbsCertListSpec = {
  signatureAlgorithm: ca.algorithm,
  issuerNameDer: nameDer(testIssuerName),
  thisUpdateMs: testNow,
  nextUpdateMs: testNow + 86_400_000,
  number: 42,
  authorityKeyId: keyIdentifier(ca.spki),
  distributionPointUrl: testUrls.crl,
  entries: [
    { serial: "00ff01", revokedAtMs: testNow - 1000, reason: "keyCompromise" },
    { serial: Uint8Array.of(0x80), revokedAtMs: testNow - 2000, reason: "unspecified" },
  ],
};
const malformed = (detail: RegExp) =>
  expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) });

describe("as others see it", () => {
  const der = signed(ca, buildTbsCertList(spec));

  it("openssl verifies and prints it", () => {
    const files = { "crl.der": der, "ca.pem": pemEncode("CERTIFICATE", signed(ca, caTbs(ca))) };
    const { text } = openssl(
      ["crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text", "-CAfile", "ca.pem"],
      files,
    );
    for (const line of [
      "Version 2 (0x1)",
      "Serial Number: FF01",
      "Serial Number: 80",
      "Key Compromise",
      "X509v3 CRL Number: \n                42",
      "Issuing Distribution Point: critical",
      testUrls.crl,
    ])
      expect(text).toContain(line);
    expect(text.match(/Reason Code/g)).toHaveLength(1);
  });

  it("openssl verify -crl_check follows it", () => {
    const leaf = leafTbs(ca, testKey());
    const check = (signer: typeof ca, entries: readonly CrlEntrySpec[]) =>
      openssl(
        [
          "verify",
          "-crl_check",
          "-attime",
          String(testNow / 1000 + 60),
          "-CRLfile",
          "crl.pem",
          "-CAfile",
          "ca.pem",
          "leaf.pem",
        ],
        {
          "crl.pem": pemEncode("X509 CRL", signed(signer, buildTbsCertList({ ...spec, entries }))),
          "ca.pem": pemEncode("CERTIFICATE", signed(ca, caTbs(ca))),
          "leaf.pem": pemEncode("CERTIFICATE", signed(ca, leaf)),
        },
      ).text.trim();
    const listed: CrlEntrySpec = {
      serial: parseTbsCertificate(leaf).serialHex,
      revokedAtMs: testNow,
      reason: "superseded",
    };
    expect(check(ca, spec.entries)).toBe("leaf.pem: OK");
    expect(() => check(ca, [listed])).toThrow(/certificate revoked/);
    expect(() => check(testKey(), spec.entries)).toThrow(/CRL signature failure/);
  });

  it("pkijs makes the same bytes of it", () => {
    const read = pkijs.CertificateRevocationList.fromBER(der);
    expect(new Uint8Array(read.toSchema(true).toBER())).toEqual(der);
    expect(read.revokedCertificates).toHaveLength(2);
  });
});

describe("round trip", () => {
  it("all fields", () => {
    expect(parseTbsCertList(buildTbsCertList({ ...spec, baseCrlNumber: 40n }))).toMatchObject({
      signatureAlgorithm: ca.algorithm,
      issuer: testIssuerName,
      thisUpdateMs: spec.thisUpdateMs,
      nextUpdateMs: spec.nextUpdateMs,
      number: 42n,
      deltaBase: 40n,
      aki: spec.authorityKeyId,
      idpUrl: testUrls.crl,
      entries: [
        { serialHex: "ff01", revokedAtMs: testNow - 1000, reason: "keyCompromise" },
        { serialHex: "80", revokedAtMs: testNow - 2000, reason: "unspecified" },
      ],
    });
  });

  it("any entries, every reason", () => {
    const entry = fc.record({
      serial: fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((bytes) => bytes[0] !== 0),
      revokedAtMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1000),
      reason: fc.constantFrom(...reasonNames),
    });
    const entries = fc.uniqueArray(entry, { selector: (one) => hex(one.serial), maxLength: 20 });
    fc.assert(
      fc.property(entries, (list) => {
        const read = parseTbsCertList(buildTbsCertList({ ...spec, baseCrlNumber: 1, entries: list }));
        expect(read.entries).toEqual(list.map(({ serial, ...rest }) => ({ serialHex: hex(serial), ...rest })));
      }),
    );
  });

  it("50,000 entries within two seconds of CPU", () => {
    const entries = Array.from(
      { length: 50_000 },
      (_, i): CrlEntrySpec => ({
        serial: hex(integer(2n ** 120n + BigInt(i)).subarray(2)),
        revokedAtMs: testNow,
        reason: "superseded",
      }),
    );
    const before = process.cpuUsage();
    const read = parseTbsCertList(buildTbsCertList({ ...spec, entries }));
    const { user } = process.cpuUsage(before);
    expect(read.entries).toHaveLength(50_000);
    expect(user).toBeLessThan(2_000_000);
  });
});

describe("refusals", () => {
  it("the builder refuses misuse", () => {
    const entry = spec.entries[0] as CrlEntrySpec;
    expect(() => buildTbsCertList({ ...spec, entries: [entry, { ...entry, serial: "ff01" }] })).toThrow(/comes twice/);
    expect(() => buildTbsCertList({ ...spec, entries: [{ ...entry, reason: "removeFromCRL" }] })).toThrow(TypeError);
    expect(() => buildTbsCertList({ ...spec, entries: [{ ...entry, serial: "xyz" }] })).toThrow(TypeError);
  });

  const none = new Uint8Array(0);
  const entryDer = (...extensions: Uint8Array[]) =>
    sequence(integer(5), utcOrGeneralizedTime(testNow), extensions.length === 0 ? none : sequence(...extensions));
  const aki = ext.authorityKeyIdentifier(spec.authorityKeyId);
  const list = (
    changes: { version?: Uint8Array; nextUpdate?: Uint8Array; entries?: Uint8Array; extensions?: Uint8Array[] } = {},
  ) =>
    sequence(
      changes.version ?? integer(1),
      algorithmIdentifier(ca.algorithm),
      spec.issuerNameDer,
      utcOrGeneralizedTime(testNow),
      changes.nextUpdate ?? utcOrGeneralizedTime(testNow),
      changes.entries ?? none,
      explicit(0, sequence(...(changes.extensions ?? [aki, ext.crlNumber(1)]))),
    );

  it("accepts the plain list that the refusals below change", () => {
    expect(parseTbsCertList(list()).entries).toEqual([]);
  });

  it.each([
    ["version 1", list({ version: none }), /expected element 0x02|version/],
    ["version 3", list({ version: integer(2) }), /more than 1/],
    ["no nextUpdate", list({ nextUpdate: none }), /nextUpdate/],
    ["an empty list of entries", list({ entries: sequence() }), /empty/],
    ["a serial twice", list({ entries: sequence(entryDer(), entryDer()) }), /serial 05 comes twice/],
    [
      "a negative serial",
      list({ entries: sequence(sequence(Uint8Array.of(2, 1, 0x80), utcOrGeneralizedTime(0))) }),
      /negative/,
    ],
    [
      "reason 7",
      list({ entries: sequence(entryDer(ext.extension(oids.reasonCode, false, enumerated(7)))) }),
      /CRLReason 7/,
    ],
    [
      "reason 11",
      list({ entries: sequence(entryDer(ext.extension(oids.reasonCode, false, enumerated(11)))) }),
      /more than 10/,
    ],
    [
      "removeFromCRL in a full CRL",
      list({ entries: sequence(entryDer(ext.reasonCode("removeFromCRL"))) }),
      /outside a delta/,
    ],
    [
      "a critical entry extension",
      list({ entries: sequence(entryDer(ext.extension(oids.certificateIssuer, true, sequence()))) }),
      /certificateIssuer is not supported/,
    ],
    ["no number", list({ extensions: [aki] }), /no cRLNumber/],
    [
      "a critical unknown extension",
      list({ extensions: [ext.crlNumber(1), ext.extension("1.2.3", true, integer(1))] }),
      /1\.2\.3 is not supported/,
    ],
    ["an extension twice", list({ extensions: [ext.crlNumber(1), ext.crlNumber(2)] }), /comes twice/],
    [
      "an indirect CRL",
      list({
        extensions: [
          ext.crlNumber(1),
          ext.extension(oids.issuingDistributionPoint, true, sequence(tlv(0x84, [Uint8Array.of(0xff)]))),
        ],
      }),
      /not supported/,
    ],
    [
      "an encoded critical FALSE",
      list({ extensions: [sequence(oid(oids.cRLNumber), boolean(false), octetString(integer(1)))] }),
      /critical FALSE/,
    ],
  ])("refuses %s", (_name, der, detail) => {
    expect(() => parseTbsCertList(der)).toThrow(malformed(detail));
  });

  it("refuses differing inner and outer algorithms", () => {
    const tbs = buildTbsCertList(spec);
    const whole = signed(ca, tbs);
    expect(parseCertificateList(whole)).toMatchObject({ number: 42n, der: whole, tbs });
    const mixed = assembleSigned(tbs, "ecdsa-with-SHA384", new Uint8Array(8));
    expect(() => parseCertificateList(mixed)).toThrow(malformed(/inner and outer/));
  });

  it("refuses more bytes than the cap", () => {
    expect(() => parseTbsCertList(new Uint8Array(16_777_217))).toThrow(malformed(/16777216/));
  });
});
