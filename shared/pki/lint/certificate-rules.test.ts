import { describe, expect, it } from "vitest";
import {
  asCa,
  caKey,
  changed,
  contexts,
  dns,
  goodCa,
  goodLeaf,
  goodRa,
  goodResponder,
  issuer,
  leaf,
  leafKey,
  url,
} from "#test/lint/certificates";
import { caTbs, testNow } from "#test/vectors/x509";
import { parseTbsCertificate, type TbsCertificate } from "../certificate.ts";
import {
  boolean,
  ia5String,
  implicit,
  integer,
  namedBits,
  null_,
  octetString,
  oid,
  sequence,
  set,
  tlv,
} from "../der/writer.ts";
import * as ext from "../extensions.ts";
import { keyIdentifier } from "../key.ts";
import { commonName } from "../name.ts";
import { oids } from "../oids.ts";
import { certificateRules } from "./certificate-rules.ts";
import { lintTbsCertificate } from "./registry.ts";
import type { CertificateContext } from "./rule.ts";

const everything = { warnings: true } as const;
const lint = (tbs: TbsCertificate, context: CertificateContext) => lintTbsCertificate(tbs, context, everything);
const leafContext: CertificateContext = contexts.leaf;
const caContext: CertificateContext = contexts["issuing-ca"];
const rootContext: CertificateContext = contexts.root;
const responderContext: CertificateContext = contexts["ocsp-responder"];
const raContext: CertificateContext = contexts.ra;

describe("what is fine", () => {
  it.each<[string, TbsCertificate, CertificateContext]>([
    ["a leaf", goodLeaf, leafContext],
    ["a root", issuer, rootContext],
    ["an issuing CA", goodCa, caContext],
    ["an OCSP responder", goodResponder, responderContext],
    ["an RA", goodRa, raContext],
    [
      "an empty subject",
      leaf({ ...changed([ext.subjectAltName([dns("a.example")], true)]), subject: [] }),
      leafContext,
    ],
    ["a common name that is a word", leaf({ subject: commonName("printer") }), leafContext],
    [
      "a name in a permitted domain",
      goodLeaf,
      { ...leafContext, issuer: { ...issuer, nameConstraints: { permitted: [dns("example.com")], excluded: [] } } },
    ],
    ["policies", leaf(changed([ext.certificatePolicies(["1.2.3", "1.2.4"])])), leafContext],
    ["GeneralizedTime from 2050", leaf({ notAfterMs: Date.UTC(2050, 0, 1) }), { kind: "leaf" }],
  ])("%s", (_name, tbs, context) => {
    expect(lint(tbs, context)).toEqual([]);
  });
});

const rsa = (modulus: bigint, exponent = 65_537n): TbsCertificate["key"] => ({
  ...goodLeaf.key,
  algorithm: "RSA",
  bits: 2048,
  keyBits: sequence(integer(modulus), integer(exponent)),
});
/** Odd, 2048 bits, no small factor. */
const soundModulus = (() => {
  let n = (1n << 2047n) + 1n;
  const factors = Array.from({ length: 375 }, (_, i) => BigInt(2 * i + 3));
  while (factors.some((factor) => n % factor === 0n)) n += 2n;
  return n;
})();
/** A modulus as the chip's library makes them. */
const rocaModulus = (() => {
  const primes = Array.from({ length: 165 }, (_, i) => i + 3).filter((n) =>
    Array.from({ length: n - 2 }, (_, i) => i + 2).every((d) => n % d !== 0),
  );
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n);
  let power = 1n;
  for (let i = 0; i < 1000; i++) power = (power * 65_537n) % product;
  let n = (1n << 2047n) - ((1n << 2047n) % product) + product + power;
  const others = Array.from({ length: 585 }, (_, i) => BigInt(i + 168)).filter((d) => d % 2n === 1n);
  while (n % 2n === 0n || others.some((factor) => n % factor === 0n)) n += product;
  return n;
})();

/** A Name of one attribute with a value of this tag. */
const nameWith = (type: string, tag: number, text: string): Uint8Array =>
  sequence(set(sequence(oid(type), tlv(tag, [Buffer.from(text)]))));
const criticalAia = ext.extension(
  oids.authorityInfoAccess,
  true,
  sequence(sequence(oid(oids.ocsp), ia5String("http://a.example", 0x86))),
);
const constrained = (
  permitted: readonly ReturnType<typeof dns>[],
  excluded: readonly ReturnType<typeof dns>[] = [],
): CertificateContext => ({
  ...leafContext,
  issuer: { ...issuer, nameConstraints: { permitted: [...permitted], excluded: [...excluded] } },
});
const withoutIssuer: CertificateContext = { kind: "leaf" };

const extensionsOf = (tbs: TbsCertificate, oid: string, value?: Uint8Array): TbsCertificate["extensions"] =>
  new Map([...tbs.extensions].filter(([one]) => one !== oid).concat(value ? [[oid, { critical: false, value }]] : []));
/** A CA that names neither CRL nor OCSP, and says that there is none. */
const silentCa: TbsCertificate = {
  ...goodCa,
  extensions: extensionsOf(
    { ...goodCa, extensions: extensionsOf(goodCa, oids.cRLDistributionPoints) },
    oids.noRevAvail,
    null_(),
  ),
  ocspUrls: [],
  crlUrls: [],
};
const cases: readonly [id: string, name: string, tbs: TbsCertificate, context: CertificateContext, message: RegExp][] =
  [
    ["version-3", "version 1", { ...goodLeaf, version: 1 }, leafContext, /version is 1/],
    ["serial-number", "zero", { ...goodLeaf, serialHex: "0".repeat(32) }, leafContext, /positive/],
    ["serial-number", "21 octets", leaf({ serial: new Uint8Array(21).fill(1) }), leafContext, /21 octets/],
    [
      "serial-number",
      "20 octets and a sign octet",
      leaf({ serial: new Uint8Array(20).fill(0x80) }),
      leafContext,
      /21 octets/,
    ],
    ["serial-entropy", "56 bits", leaf({ serial: new Uint8Array(7).fill(1) }), leafContext, /64 random bits/],
    ["validity-order", "an empty time", leaf({ notAfterMs: testNow }), leafContext, /before notAfter/],
    [
      "validity-cap",
      "a second too long",
      leaf({ notAfterMs: testNow + 90 * 86_400_000 + 1000 }),
      leafContext,
      /at most 7776000/,
    ],
    [
      "validity-within-issuer",
      "beyond the CA",
      leaf({ notAfterMs: issuer.notAfterMs + 1000 }),
      { kind: "leaf", issuer },
      /beyond the end/,
    ],
    [
      "validity-encoding",
      "GeneralizedTime before 2050",
      { ...goodLeaf, timeEncoding: ["GeneralizedTime", "UTCTime"] },
      leafContext,
      /notBefore must be UTCTime/,
    ],
    [
      "validity-encoding",
      "UTCTime from 2050",
      { ...goodLeaf, notAfterMs: Date.UTC(2050, 0, 1) },
      withoutIssuer,
      /notAfter must be GeneralizedTime/,
    ],
    ["basic-constraints", "missing", leaf(changed([], [oids.basicConstraints])), leafContext, /missing/],
    [
      "basic-constraints",
      "a CA for a leaf",
      leaf(changed([ext.basicConstraints(true, 0)])),
      leafContext,
      /must not be a CA/,
    ],
    ["basic-constraints", "a leaf for a CA", { ...goodCa, basicConstraints: { ca: false } }, caContext, /cA TRUE/],
    [
      "basic-constraints",
      "not critical on a CA",
      leaf(
        changed(
          [...asCa.slice(1), ext.extension(oids.basicConstraints, false, sequence(boolean(true)))],
          [oids.subjectAltName, oids.extKeyUsage],
        ),
      ),
      caContext,
      /critical/,
    ],
    [
      "responder-no-ca",
      "a responder that is a CA",
      { ...goodResponder, basicConstraints: { ca: true } },
      responderContext,
      /must not be a CA/,
    ],
    ["path-length", "a CA below pathLen 0", goodCa, { ...caContext, issuer }, /pathLenConstraint 0/],
    [
      "path-length",
      "not falling",
      { ...goodCa, basicConstraints: { ca: true, pathLen: 2 } },
      { ...caContext, issuer: { ...issuer, basicConstraints: { ca: true, pathLen: 2 } } },
      /below 2/,
    ],
    [
      "path-length",
      "absent below a bound",
      { ...goodCa, basicConstraints: { ca: true } },
      { ...caContext, issuer: { ...issuer, basicConstraints: { ca: true, pathLen: 2 } } },
      /below 2/,
    ],
    ["key-usage", "missing", leaf(changed([], [oids.keyUsage])), leafContext, /missing/],
    ["key-usage", "CA without keyCertSign", { ...goodCa, keyUsage: ["cRLSign"] }, caContext, /needs keyCertSign/],
    [
      "key-usage",
      "keyCertSign on a leaf",
      { ...goodLeaf, keyUsage: ["digitalSignature", "keyCertSign"] },
      leafContext,
      /without cA/,
    ],
    [
      "key-usage",
      "not critical",
      leaf(changed([ext.extension(oids.keyUsage, false, namedBits([0]))])),
      leafContext,
      /critical/,
    ],
    ["crl-sign", "a CA that cannot sign CRLs", { ...goodCa, keyUsage: ["keyCertSign"] }, caContext, /needs cRLSign/],
    [
      "crl-sign",
      "a leaf that says it signs CRLs",
      { ...goodLeaf, keyUsage: ["digitalSignature", "cRLSign"] },
      leafContext,
      /cRLSign on/,
    ],
    [
      "key-usage-for-key",
      "keyEncipherment for an EC key",
      { ...goodLeaf, keyUsage: ["digitalSignature", "keyEncipherment"] },
      leafContext,
      /keyEncipherment is not for a key of type P-256/,
    ],
    [
      "key-usage-for-key",
      "keyAgreement for Ed25519",
      { ...goodLeaf, key: { ...goodLeaf.key, algorithm: "Ed25519" }, keyUsage: ["digitalSignature", "keyAgreement"] },
      leafContext,
      /keyAgreement is not for/,
    ],
    [
      "key-usage-for-key",
      "keyAgreement for RSA",
      { ...goodLeaf, key: rsa(soundModulus), keyUsage: ["digitalSignature", "keyAgreement"] },
      leafContext,
      /keyAgreement is not for/,
    ],
    [
      "agreement-only-bits",
      "decipherOnly alone",
      { ...goodLeaf, keyUsage: ["digitalSignature", "decipherOnly"] },
      leafContext,
      /without keyAgreement/,
    ],
    [
      "key-usage-for-purpose",
      "keyEncipherment for a TLS client",
      {
        ...goodLeaf,
        key: rsa(soundModulus),
        keyUsage: ["digitalSignature", "keyEncipherment"],
        extKeyUsage: ["clientAuth"],
      },
      leafContext,
      /keyEncipherment serves none of clientAuth/,
    ],
    [
      "key-usage-for-purpose",
      "no signature for code signing",
      {
        ...goodLeaf,
        key: rsa(soundModulus),
        keyUsage: ["keyEncipherment"],
        extKeyUsage: ["serverAuth", "codeSigning"],
      },
      leafContext,
      /does not serve codeSigning/,
    ],
    ["extended-key-usage", "missing", leaf(changed([], [oids.extKeyUsage])), leafContext, /must have/],
    [
      "extended-key-usage",
      "any",
      leaf(changed([ext.extKeyUsage(["serverAuth", "anyExtendedKeyUsage"])])),
      leafContext,
      /anyExtendedKeyUsage/,
    ],
    [
      "extended-key-usage",
      "OCSPSigning with serverAuth",
      { ...goodResponder, extKeyUsage: ["OCSPSigning", "serverAuth"] },
      responderContext,
      /stand alone/,
    ],
    [
      "extended-key-usage",
      "OCSPSigning on a leaf",
      { ...goodLeaf, extKeyUsage: ["OCSPSigning"] },
      leafContext,
      /stand alone/,
    ],
    ["extended-key-usage", "cmcRA on a leaf", { ...goodLeaf, extKeyUsage: ["cmcRA"] }, leafContext, /stand alone/],
    [
      "extended-key-usage",
      "OCSPSigning on an RA",
      { ...goodRa, extKeyUsage: ["cmcRA", "OCSPSigning"] },
      raContext,
      /OCSPSigning must stand alone/,
    ],
    [
      "no-rev-avail",
      "missing on an RA",
      { ...goodRa, extensions: extensionsOf(goodRa, oids.noRevAvail) },
      raContext,
      /needs/,
    ],
    [
      "no-rev-avail",
      "not NULL",
      { ...goodRa, extensions: extensionsOf(goodRa, oids.noRevAvail, integer(1)) },
      raContext,
      /NULL/,
    ],
    ["no-rev-avail", "on a CA", silentCa, caContext, /on a CA/],
    ["no-rev-avail", "beside OCSP", { ...goodRa, ocspUrls: ["http://r.example/ocsp/1"] }, raContext, /beside an OCSP/],
    [
      "no-rev-avail",
      "beside a CRL",
      {
        ...goodRa,
        extensions: extensionsOf(goodRa, oids.cRLDistributionPoints, null_()),
        crlUrls: ["http://r.example/1.crl"],
      },
      raContext,
      /beside cRLDistributionPoints/,
    ],
    ["ra-key-usage", "no encryption", { ...goodRa, keyUsage: ["digitalSignature"] }, raContext, /needs/],
    [
      "ra-key-usage",
      "more than that",
      { ...goodRa, keyUsage: ["digitalSignature", "keyEncipherment", "contentCommitment"] },
      raContext,
      /nothing else/,
    ],
    [
      "extended-key-usage-unique",
      "twice",
      { ...goodLeaf, extKeyUsage: ["serverAuth", "serverAuth"] },
      leafContext,
      /twice/,
    ],
    [
      "extension-criticality",
      "critical AIA",
      leaf(changed([criticalAia])),
      leafContext,
      /authorityInfoAccess must not be critical/,
    ],
    [
      "extension-criticality",
      "critical subjectKeyIdentifier",
      leaf(changed([ext.extension(oids.subjectKeyIdentifier, true, octetString(new Uint8Array(20)))])),
      leafContext,
      /must not be critical/,
    ],
    [
      "extension-criticality",
      "critical authorityKeyIdentifier",
      leaf(
        changed([ext.extension(oids.authorityKeyIdentifier, true, sequence(implicit(0, keyIdentifier(caKey.spki))))]),
      ),
      leafContext,
      /must not be critical/,
    ],
    [
      "extension-criticality",
      "name constraints that may be ignored",
      leaf(
        changed(
          [
            ...asCa,
            ext.extension(oids.nameConstraints, false, sequence(Uint8Array.of(0xa0, 5, 0x30, 3, 0x82, 1, 0x61))),
          ],
          [oids.subjectAltName, oids.extKeyUsage],
        ),
      ),
      caContext,
      /nameConstraints must be critical/,
    ],
    [
      "extension-criticality",
      "policy constraints that may be ignored",
      leaf(
        changed(
          [...asCa, ext.extension(oids.policyConstraints, false, sequence(implicit(0, Uint8Array.of(0))))],
          [oids.subjectAltName, oids.extKeyUsage],
        ),
      ),
      caContext,
      /policyConstraints must be critical/,
    ],
    [
      "known-critical-extensions",
      "an unknown one",
      leaf(changed([ext.extension("1.2.3.4", true, integer(1))])),
      leafContext,
      /1\.2\.3\.4/,
    ],
    [
      "certificate-extensions",
      "a CRL number",
      leaf(changed([ext.crlNumber(1)])),
      leafContext,
      /cRLNumber in a certificate/,
    ],
    [
      "ca-only-extensions",
      "name constraints on a leaf",
      leaf(changed([ext.nameConstraints({ permitted: [dns("example.com")] })])),
      leafContext,
      /only on a CA/,
    ],
    ["authority-key-identifier", "missing", leaf(changed([], [oids.authorityKeyIdentifier])), leafContext, /missing/],
    [
      "authority-key-identifier",
      "another key",
      leaf(changed([ext.authorityKeyIdentifier(keyIdentifier(leafKey.spki))])),
      leafContext,
      /not the key/,
    ],
    [
      "authority-key-identifier",
      "a root that names another",
      { ...issuer, aki: new Uint8Array(20) },
      rootContext,
      /not the key/,
    ],
    ["subject-key-identifier", "missing", leaf(changed([], [oids.subjectKeyIdentifier])), leafContext, /missing/],
    ["subject-key-identifier", "empty", { ...goodLeaf, ski: new Uint8Array(0) }, leafContext, /empty/],
    ["certificate-policies", "twice", { ...goodLeaf, policies: ["1.2.3", "1.2.3"] }, leafContext, /twice/],
    [
      "subject-alt-name",
      "missing",
      leaf({ ...changed([], [oids.subjectAltName]), subject: commonName("printer") }),
      leafContext,
      /must have a subjectAltName/,
    ],
    [
      "san-critical",
      "not critical under an empty subject",
      leaf({ subject: [] }),
      leafContext,
      /critical subjectAltName/,
    ],
    [
      "san-critical",
      "critical beside a subject",
      leaf(changed([ext.subjectAltName([dns("www.example.com")], true)])),
      leafContext,
      /beside a subject/,
    ],
    [
      "san-unique",
      "twice",
      { ...goodLeaf, sans: [dns("www.example.com"), dns("www.example.com")] },
      leafContext,
      /twice/,
    ],
    [
      "san-syntax",
      "an underscore",
      { ...goodLeaf, sans: [dns("www.example.com"), dns("a_b.example")] },
      leafContext,
      /underscore/,
    ],
    [
      "san-syntax",
      "a bad address",
      { ...goodLeaf, sans: [dns("www.example.com"), { type: "email", value: "x" }] },
      leafContext,
      /local-part/,
    ],
    [
      "san-syntax",
      "a relative URI",
      { ...goodLeaf, sans: [dns("www.example.com"), url("/x")] },
      leafContext,
      /not absolute/,
    ],
    [
      "san-syntax",
      "another kind",
      { ...goodLeaf, sans: [dns("www.example.com"), { type: "other", tag: 4 }] },
      leafContext,
      /directoryName/,
    ],
    [
      "common-name-in-san",
      "another host",
      leaf({ subject: commonName("Other.example.com") }),
      leafContext,
      /Other\.example\.com.*not in/,
    ],
    ["common-name-in-san", "another address", leaf({ subject: commonName("192.0.2.8") }), leafContext, /192\.0\.2\.8/],
    ["common-name-in-san", "a wildcard", leaf({ subject: commonName("*.example.com") }), leafContext, /not in/],
    [
      "name-encoding",
      "a TeletexString",
      { ...goodLeaf, subjectDer: nameWith("2.5.4.3", 0x14, "printer") },
      leafContext,
      /subject: an attribute is encoded with tag 0x14/,
    ],
    [
      "name-encoding",
      "a country in UTF-8",
      { ...goodLeaf, subjectDer: nameWith("2.5.4.6", 0x0c, "DE") },
      leafContext,
      /tag 0xc/,
    ],
    [
      "name-attribute-length",
      "a long common name",
      { ...goodLeaf, subject: commonName("a".repeat(65)) },
      leafContext,
      /longer than 64/,
    ],
    ["name-attribute-length", "blanks", { ...goodLeaf, subject: commonName("printer ") }, leafContext, /blanks/],
    [
      "country-code",
      "lower case",
      { ...goodLeaf, subject: [[{ type: "C", value: "de" }]] },
      leafContext,
      /no country code/,
    ],
    [
      "name-constraints-syntax",
      "a leading dot",
      { ...goodCa, nameConstraints: { permitted: [dns(".example.com")], excluded: [] } },
      caContext,
      /bad label/,
    ],
    [
      "name-constraints-syntax",
      "another kind",
      { ...goodCa, nameConstraints: { permitted: [{ type: "other", tag: 4 }], excluded: [] } },
      caContext,
      /directoryName/,
    ],
    ["names-within-constraints", "outside", goodLeaf, constrained([dns("example.org")]), /outside/],
    [
      "names-within-constraints",
      "beside on the label",
      { ...goodLeaf, sans: [dns("www.badexample.com"), dns("www.example.com")] },
      constrained([dns("example.com")]),
      /badexample/,
    ],
    ["names-within-constraints", "excluded", goodLeaf, constrained([], [dns("example.com")]), /excluded/],
    [
      "crl-distribution-points",
      "https",
      { ...goodLeaf, crlUrls: ["https://a.example/1.crl"] },
      leafContext,
      /not an http URL/,
    ],
    ["crl-distribution-points", "no URL", { ...goodLeaf, crlUrls: [] }, leafContext, /names no URL/],
    ["authority-info-access", "ldap", { ...goodLeaf, ocspUrls: ["ldap://a.example"] }, leafContext, /not an http URL/],
    [
      "authority-info-access",
      "nothing known",
      { ...goodLeaf, ocspUrls: [], caIssuersUrls: [] },
      leafContext,
      /neither/,
    ],
    [
      "ocsp-no-check",
      "missing",
      leaf({
        ...changed([ext.extKeyUsage(["OCSPSigning"])], [oids.subjectAltName]),
        subject: commonName("Responder 1"),
      }),
      responderContext,
      /missing/,
    ],
    [
      "ocsp-no-check",
      "not NULL",
      {
        ...goodResponder,
        extensions: new Map([...goodResponder.extensions, [oids.ocspNoCheck, { critical: false, value: integer(1) }]]),
      },
      responderContext,
      /NULL/,
    ],
    [
      "responder-key-usage",
      "no signature",
      { ...goodResponder, keyUsage: ["contentCommitment"] },
      responderContext,
      /digitalSignature/,
    ],
    ["issuer-present", "no issuer", { ...goodLeaf, issuer: [] }, leafContext, /must not be empty/],
    [
      "ca-subject",
      "a CA without a name",
      {
        ...goodCa,
        subject: [],
        extensions: new Map([...goodCa.extensions, [oids.subjectAltName, { critical: true, value: null_() }]]),
      },
      caContext,
      /subject of a CA/,
    ],
    [
      "issuer-name",
      "another CA",
      goodLeaf,
      { ...leafContext, issuer: parseTbsCertificate(caTbs(caKey, commonName("Other"))) },
      /not the subject/,
    ],
    [
      "issuer-name",
      "a leaf as issuer",
      goodLeaf,
      { ...leafContext, issuer: { ...issuer, basicConstraints: { ca: false } } },
      /not a CA/,
    ],
    ["issuer-name", "a root with another issuer", { ...issuer, issuerDer: sequence() }, rootContext, /same name/],
    [
      "issuer-key-usage",
      "a CA that may not",
      goodLeaf,
      { ...leafContext, issuer: { ...issuer, keyUsage: ["cRLSign"] } },
      /keyCertSign/,
    ],
    [
      "signature-algorithm",
      "SHA-1",
      { ...goodLeaf, signatureAlgorithm: "sha1WithRSAEncryption" as never },
      leafContext,
      /not allowed/,
    ],
    [
      "signature-algorithm",
      "another kind than the issuing key",
      { ...goodLeaf, signatureAlgorithm: "sha256WithRSAEncryption" },
      leafContext,
      /cannot sign with/,
    ],
    [
      "signature-algorithm",
      "a root that signs with another kind",
      { ...issuer, signatureAlgorithm: "Ed25519" },
      rootContext,
      /cannot sign with/,
    ],
    [
      "rsa-key-size",
      "1024 bits",
      { ...goodLeaf, key: { ...rsa(soundModulus), bits: 1024 } },
      leafContext,
      /at least 2048/,
    ],
    [
      "rsa-key-size",
      "2049 bits",
      { ...goodLeaf, key: { ...rsa(soundModulus), bits: 2049 } },
      leafContext,
      /multiple of 8/,
    ],
    ["rsa-exponent", "3", { ...goodLeaf, key: rsa(soundModulus, 3n) }, leafContext, /exponent 3/],
    [
      "rsa-modulus",
      "divisible by 751",
      { ...goodLeaf, key: rsa(((1n << 2040n) + 1n) * 751n) },
      leafContext,
      /divisible by \d/,
    ],
    ["rsa-roca", "a ROCA key", { ...goodLeaf, key: rsa(rocaModulus) }, leafContext, /ROCA/],
  ];

describe("what is found, and nothing else", () => {
  it.each(cases)("%s: %s", (id, _name, tbs, context, message) => {
    const found = lint(tbs, context);
    expect(found.map((finding) => `${finding.id}: ${finding.message}`)).toEqual([expect.stringMatching(`^${id}: `)]);
    expect(found[0]?.message).toMatch(message);
  });

  it("every rule that binds everything has a case here", () => {
    const bindsAll = certificateRules.filter(({ set: bound }) => bound === "pkix").map(({ id }) => id);
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(bindsAll));
  });

  it("a sound RSA key is fine", () => {
    expect(lint({ ...goodLeaf, key: rsa(soundModulus) }, leafContext)).toEqual([]);
  });
});
