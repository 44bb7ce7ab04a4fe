import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import {
  caTbs,
  type LeafChanges,
  leafExtensions,
  leafTbs,
  testKey,
  type TestKeyKind,
  testNow,
} from "#test/vectors/x509";
import { parseTbsCertificate, type TbsCertificate } from "../certificate.ts";
import { type DerNode, readDer } from "../der/reader.ts";
import { boolean, implicit, integer, namedBits, octetString, oid, sequence } from "../der/writer.ts";
import * as ext from "../extensions.ts";
import { keyIdentifier } from "../key.ts";
import { commonName } from "../name.ts";
import { oids } from "../oids.ts";
import { type LintContext, lintTbsCertificate, rules } from "./registry.ts";

const ca = testKey();
const leafKey = testKey();
const issuer = parseTbsCertificate(caTbs(ca));
const context: LintContext = { issuerCertificate: issuer, maxValiditySeconds: 90 * 86_400, expect: "leaf" };
const leaf = (changes: LeafChanges = {}): TbsCertificate => parseTbsCertificate(leafTbs(ca, leafKey, changes));
const good = leaf();

/** The OBJECT IDENTIFIER element of an encoded Extension, hex. */
const idOf = (encoded: Uint8Array): string => hex((readDer(encoded).children()[0] as DerNode).raw);
const hexOid = (dotted: string) => hex(oid(dotted));

/** The usual extensions with some replaced, added or left out. */
const changed = (replacements: readonly Uint8Array[], leaveOut: readonly string[] = []): LeafChanges => {
  const gone = new Set([...replacements.map(idOf), ...leaveOut.map(hexOid)]);
  return { extensions: [...leafExtensions(ca, leafKey).filter((one) => !gone.has(idOf(one))), ...replacements] };
};
const asCa = [ext.basicConstraints(true, 0), ext.keyUsage(["keyCertSign", "cRLSign"])];
const dns = (value: string) => ({ type: "dns", value }) as const;

describe("what is fine", () => {
  it.each<[string, TbsCertificate, LintContext]>([
    ["a leaf", good, context],
    ["a root", issuer, { expect: "ca" }],
    ["an issuing CA", leaf(changed(asCa, [oids.subjectAltName, oids.extKeyUsage])), { expect: "ca" }],
    [
      "an OCSP responder",
      leaf({
        ...changed([ext.extKeyUsage(["OCSPSigning"]), ext.ocspNoCheck()], [oids.subjectAltName]),
        subject: commonName("Responder 1"),
      }),
      context,
    ],
    ["an empty subject", leaf({ ...changed([ext.subjectAltName([dns("a.example")], true)]), subject: [] }), context],
    ["a common name that is a word", leaf({ subject: commonName("printer") }), context],
    ["GeneralizedTime from 2050", leaf({ notAfterMs: Date.UTC(2050, 0, 1) }), {}],
  ])("%s", (_name, tbs, used) => {
    expect(lintTbsCertificate(tbs, used)).toEqual([]);
  });
});

/** A leaf with a key of this kind, for what only RSA does. */
function transport(kind: TestKeyKind): TbsCertificate {
  const key = testKey(kind);
  const [basic, _usage, ...rest] = leafExtensions(ca, key) as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const extensions = [basic, ext.keyUsage(["digitalSignature", "keyEncipherment"]), ...rest];
  return parseTbsCertificate(leafTbs(ca, key, { extensions }));
}

const findings: readonly [code: string, name: string, tbs: TbsCertificate, context: LintContext, message: RegExp][] = [
  ["version-3", "version 1", { ...good, version: 1 }, {}, /version is 1/],
  ["serial-number", "zero", { ...good, serialHex: "0".repeat(32) }, {}, /positive/],
  ["serial-number", "21 octets", leaf({ serial: new Uint8Array(21).fill(1) }), {}, /21 octets/],
  ["serial-number", "20 octets and a sign octet", leaf({ serial: new Uint8Array(20).fill(0x80) }), {}, /21 octets/],
  ["serial-number", "56 bits", leaf({ serial: new Uint8Array(7).fill(1) }), {}, /64 random bits/],
  ["validity-order", "an empty time", leaf({ notAfterMs: testNow }), {}, /before notAfter/],
  [
    "validity-cap",
    "a second too long",
    leaf({ notAfterMs: testNow + 90 * 86_400_000 + 1000 }),
    context,
    /at most 7776000/,
  ],
  [
    "validity-within-issuer",
    "beyond the CA",
    leaf({ notAfterMs: issuer.notAfterMs + 1000 }),
    { issuerCertificate: issuer },
    /beyond the end/,
  ],
  [
    "validity-encoding",
    "GeneralizedTime before 2050",
    { ...good, timeEncoding: ["GeneralizedTime", "UTCTime"] },
    {},
    /notBefore must be UTCTime/,
  ],
  [
    "validity-encoding",
    "UTCTime from 2050",
    { ...good, notAfterMs: Date.UTC(2050, 0, 1) },
    {},
    /notAfter must be GeneralizedTime/,
  ],
  ["basic-constraints", "missing", leaf(changed([], [oids.basicConstraints])), {}, /missing/],
  ["basic-constraints", "a CA for a leaf", leaf(changed(asCa)), { expect: "leaf" }, /must not be a CA/],
  ["basic-constraints", "a leaf for a CA", good, { expect: "ca" }, /cA TRUE/],
  [
    "basic-constraints",
    "not critical on a CA",
    leaf(changed([ext.extension(oids.basicConstraints, false, sequence(boolean(true)))])),
    {},
    /critical/,
  ],
  ["path-length", "a CA below pathLen 0", leaf(changed(asCa)), { issuerCertificate: issuer }, /pathLenConstraint 0/],
  [
    "path-length",
    "not falling",
    leaf(changed([ext.basicConstraints(true, 2)])),
    { issuerCertificate: { ...issuer, basicConstraints: { ca: true, pathLen: 2 } } },
    /below 2/,
  ],
  [
    "path-length",
    "absent below a bound",
    leaf(changed([ext.basicConstraints(true)])),
    { issuerCertificate: { ...issuer, basicConstraints: { ca: true, pathLen: 2 } } },
    /below 2/,
  ],
  ["key-usage", "missing", leaf(changed([], [oids.keyUsage])), {}, /missing/],
  ["key-usage", "CA without keyCertSign", leaf(changed([ext.basicConstraints(true)])), {}, /needs keyCertSign/],
  ["key-usage", "keyCertSign on a leaf", leaf(changed([ext.keyUsage(["keyCertSign"])])), {}, /without cA/],
  ["key-usage", "not critical", leaf(changed([ext.extension(oids.keyUsage, false, namedBits([0]))])), {}, /critical/],
  ["subject-alt-name", "missing", leaf(changed([], [oids.subjectAltName])), {}, /must have a subjectAltName/],
  ["subject-alt-name", "not critical under an empty subject", leaf({ subject: [] }), {}, /critical subjectAltName/],
  ["ca-subject", "a CA without a name", leaf({ ...changed(asCa), subject: [] }), {}, /subject of a CA/],
  ["ca-subject", "no issuer", { ...good, issuer: [] }, {}, /issuer must not be empty/],
  [
    "common-name-in-san",
    "another host",
    leaf({ subject: commonName("Other.example.com") }),
    {},
    /Other\.example\.com.*not in/,
  ],
  ["common-name-in-san", "another address", leaf({ subject: commonName("192.0.2.8") }), {}, /192\.0\.2\.8/],
  ["common-name-in-san", "a wildcard", leaf({ subject: commonName("*.example.com") }), {}, /not in/],
  ["san-syntax", "an underscore", { ...good, sans: [dns("a_b.example")] }, {}, /underscore/],
  ["san-syntax", "a bad address", { ...good, sans: [{ type: "email", value: "x" }] }, {}, /local-part/],
  ["san-syntax", "a relative URI", { ...good, sans: [{ type: "uri", value: "/x" }] }, {}, /not absolute/],
  ["san-syntax", "another kind", { ...good, sans: [{ type: "other", tag: 4 }] }, {}, /directoryName/],
  ["subject-key-identifier", "missing", leaf(changed([], [oids.subjectKeyIdentifier])), {}, /missing/],
  [
    "subject-key-identifier",
    "critical",
    leaf(changed([ext.extension(oids.subjectKeyIdentifier, true, octetString(new Uint8Array(20)))])),
    {},
    /must not be critical/,
  ],
  ["authority-key-identifier", "missing", leaf(changed([], [oids.authorityKeyIdentifier])), {}, /missing/],
  [
    "authority-key-identifier",
    "another key",
    leaf(changed([ext.authorityKeyIdentifier(keyIdentifier(leafKey.spki))])),
    { issuerCertificate: issuer },
    /not the key/,
  ],
  [
    "authority-key-identifier",
    "critical",
    leaf(changed([ext.extension(oids.authorityKeyIdentifier, true, sequence(implicit(0, new Uint8Array(20))))])),
    {},
    /must not be critical/,
  ],
  [
    "issuer-name",
    "another CA",
    good,
    { issuerCertificate: parseTbsCertificate(caTbs(ca, commonName("Other"))) },
    /not the subject/,
  ],
  [
    "issuer-name",
    "a leaf as issuer",
    good,
    { issuerCertificate: { ...issuer, basicConstraints: { ca: false } } },
    /not a CA/,
  ],
  [
    "signature-algorithm",
    "SHA-1",
    { ...good, signatureAlgorithm: "sha1WithRSAEncryption" as never },
    {},
    /not allowed/,
  ],
  [
    "signature-algorithm",
    "another kind than the issuing key",
    { ...good, signatureAlgorithm: "sha256WithRSAEncryption" },
    { issuerCertificate: issuer },
    /cannot sign with/,
  ],
  ["rsa-key-size", "1024 bits", { ...good, key: { ...good.key, algorithm: "RSA", bits: 1024 } }, {}, /at least 2048/],
  ["rsa-key-size", "2049 bits", { ...good, key: { ...good.key, algorithm: "RSA", bits: 2049 } }, {}, /multiple of 8/],
  ["extended-key-usage", "missing", leaf(changed([], [oids.extKeyUsage])), {}, /must have/],
  [
    "extended-key-usage",
    "any",
    leaf(changed([ext.extKeyUsage(["serverAuth", "anyExtendedKeyUsage"])])),
    {},
    /anyExtendedKeyUsage/,
  ],
  [
    "extended-key-usage",
    "OCSPSigning with serverAuth",
    leaf(changed([ext.extKeyUsage(["serverAuth", "OCSPSigning"])])),
    {},
    /stand alone/,
  ],
  [
    "critical-extensions",
    "an unknown one",
    leaf(changed([ext.extension("1.2.3.4", true, integer(1))])),
    {},
    /1\.2\.3\.4/,
  ],
  [
    "critical-extensions",
    "critical AIA",
    leaf(
      changed([
        ext.extension(
          oids.authorityInfoAccess,
          true,
          sequence(sequence(oid(oids.ocsp), Uint8Array.of(0x86, 2, 0x61, 0x3a))),
        ),
      ]),
    ),
    {},
    /must not be critical/,
  ],
  [
    "critical-extensions",
    "name constraints that may be ignored",
    leaf(
      changed([
        ...asCa,
        ext.extension(oids.nameConstraints, false, sequence(Uint8Array.of(0xa0, 4, 0x30, 2, 0x82, 0))),
      ]),
    ),
    {},
    /must be critical/,
  ],
  ["ml-dsa-key-usage", "key transport", transport("ML-DSA-44"), {}, /ML-DSA-44 key is not for keyEncipherment/],
  ["slh-dsa-key-usage", "key transport", transport("SLH-DSA-SHA2-128f"), {}, /128f key is not for keyEncipherment/],
  [
    "name-constraints",
    "on a leaf",
    leaf(changed([ext.nameConstraints({ permitted: [dns("example.com")] })])),
    {},
    /only on a CA/,
  ],
];

describe("what is found", () => {
  it.each(findings)("%s: %s", (code, _name, tbs, used, message) => {
    const found = lintTbsCertificate(tbs, used).filter((finding) => finding.code === code);
    expect(found.map((finding) => finding.message)).toEqual([expect.stringMatching(message)]);
  });

  it("every rule has a case here, a clause and a code of its own", () => {
    expect(new Set(findings.map(([code]) => code))).toEqual(new Set(rules.map((rule) => rule.code)));
    expect(rules.every((rule) => rule.source.length > 5)).toBe(true);
  });
});
