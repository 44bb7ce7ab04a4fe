import { describe, expect, it } from "vitest";
import { asCa, changed, contexts, dns, issuer, leaf, upperIssuer, url } from "#test/lint/certificates";
import { testNow } from "#test/vectors/x509";
import type { TbsCertificate } from "../certificate.ts";
import { integer, sequence } from "../der/writer.ts";
import * as ext from "../extensions.ts";
import { commonName } from "../name.ts";
import { oids } from "../oids.ts";
import { certificateRules } from "./certificate-rules.ts";
import { lintTbsCertificate } from "./registry.ts";
import type { CertificateContext } from "./rule.ts";
import { domainValidated, organizationValidated } from "./tls-policies.ts";

const days = 86_400_000;
const lint = (tbs: TbsCertificate, context: CertificateContext) =>
  lintTbsCertificate(tbs, context, { conformsTo: "cabf-tls", warnings: true });

const urls = [
  ext.authorityInfoAccess({ ocsp: ["http://ocsp.example.com"], caIssuers: ["http://ca.example.com/1.cer"] }),
  ext.crlDistributionPoints(["http://crl.example.com/1.crl"]),
];
const tlsContent = [ext.subjectAltName([dns("www.example.com")]), ext.certificatePolicies([domainValidated]), ...urls];
const leafContext: CertificateContext = { ...contexts.leaf, maxValiditySeconds: undefined };
const good = leaf(changed(tlsContent));
const purpose = ext.extKeyUsage(["serverAuth"]);
const caSubject = [[{ type: "C", value: "DE" }], [{ type: "O", value: "Example" }], [{ type: "CN", value: "CA 1" }]];
const goodCa = leaf({
  ...changed([...asCa, ...tlsContent.slice(1), purpose], [oids.subjectAltName]),
  subject: caSubject,
});
const caContext: CertificateContext = { kind: "issuing-ca", issuer: upperIssuer };
const goodRoot: TbsCertificate = { ...issuer, subject: caSubject, basicConstraints: { ca: true } };
const responderContext: CertificateContext = contexts["ocsp-responder"];
const goodResponder = leaf({
  ...changed([ext.extKeyUsage(["OCSPSigning"]), ext.ocspNoCheck()], [oids.subjectAltName, oids.cRLDistributionPoints]),
  subject: commonName("Responder 1"),
});
const rsaKey = { ...good.key, algorithm: "RSA", bits: 2048 } as const;
/** (a − b)(a + b): what two primes beside each other give. */
const closeModulus = (() => {
  const factors = Array.from({ length: 375 }, (_, i) => BigInt(2 * i + 3));
  let a = (1n << 1024n) - 1_000_001n;
  let n = a * a - 36n * 36n;
  while (n % 2n === 0n || factors.some((factor) => n % factor === 0n)) n = ++a * a - 36n * 36n;
  return n;
})();
const at = (year: number, month: number, length: number): TbsCertificate => {
  const notBeforeMs = Date.UTC(year, month - 1, 15);
  return { ...good, notBeforeMs, notAfterMs: notBeforeMs + length * days - 1000 };
};
const withoutExtension = (tbs: TbsCertificate, dotted: string): TbsCertificate["extensions"] =>
  new Map([...tbs.extensions].filter(([key]) => key !== dotted));
const later: CertificateContext = { kind: "leaf", nowMs: 0 };

describe("what is fine for the CA/Browser Forum", () => {
  it.each<[string, TbsCertificate, CertificateContext]>([
    ["a leaf", good, leafContext],
    ["an issuing CA", goodCa, caContext],
    ["a root", goodRoot, contexts.root],
    ["an OCSP responder", goodResponder, responderContext],
    ["398 days in 2025", at(2025, 6, 398), later],
    ["200 days from March 2026", at(2026, 3, 200), later],
    ["100 days from March 2027", at(2027, 3, 100), later],
    ["47 days from March 2029", at(2029, 3, 47), later],
    [
      "a public address",
      {
        ...good,
        subject: [],
        sans: [{ type: "ip", value: "8.8.8.8" }],
        extensions: leaf({
          ...changed([ext.subjectAltName([dns("a.example.com")], true), ...tlsContent.slice(1)]),
          subject: [],
        }).extensions,
      },
      leafContext,
    ],
    [
      "seven days without a pointer",
      { ...at(2026, 6, 7), ocspUrls: [], crlUrls: [], extensions: withoutExtension(good, oids.cRLDistributionPoints) },
      later,
    ],
    ["an A-label", { ...good, sans: [dns("www.example.com"), dns("xn--mnchen-3ya.de")] }, leafContext],
  ])("%s", (_name, tbs, context) => {
    expect(lint(tbs, context)).toEqual([]);
  });
});

const withSans = (...sans: TbsCertificate["sans"]): TbsCertificate => ({
  ...good,
  sans: [dns("www.example.com"), ...sans],
});

const cases: readonly [id: string, name: string, tbs: TbsCertificate, context: CertificateContext, message: RegExp][] =
  [
    ["tls-validity", "399 days in 2025", at(2025, 6, 399), later, /at most 398 days/],
    [
      "tls-validity",
      "a second over 200 days",
      { ...at(2026, 3, 200), notAfterMs: at(2026, 3, 200).notAfterMs + 1000 },
      later,
      /17280001 seconds, at most 200/,
    ],
    ["tls-validity", "101 days from March 2027", at(2027, 3, 101), later, /at most 100/],
    ["tls-validity", "48 days from March 2029", at(2029, 3, 48), later, /at most 47/],
    ["tls-backdating", "three days ago", good, { ...leafContext, nowMs: testNow + 3 * days }, /48 hours/],
    [
      "tls-san-types",
      "a mail address",
      withSans({ type: "email", value: "a@example.com" }),
      leafContext,
      /no DNS name/,
    ],
    ["tls-san-types", "a URI", withSans(url("spiffe://example.com/a")), leafContext, /no DNS name/],
    ["tls-dns-names", "one label", withSans(dns("intranet")), leafContext, /internal name/],
    ["tls-dns-names", "a reserved domain", withSans(dns("printer.local")), leafContext, /reserved domain/],
    ["tls-wildcards", "a whole top level", withSans(dns("*.com")), leafContext, /whole top-level/],
    ["tls-dns-labels", "a reserved label", withSans(dns("ab--c.example.com")), leafContext, /reserved label/],
    [
      "tls-ip-addresses",
      "a private address",
      withSans({ type: "ip", value: "10.1.2.3" }),
      leafContext,
      /reserved address/,
    ],
    [
      "tls-ip-addresses",
      "documentation",
      withSans({ type: "ip", value: "2001:db8::1" }),
      leafContext,
      /reserved address/,
    ],
    ["tls-common-name", "in capitals", { ...good, subject: commonName("WWW.example.com") }, leafContext, /not exactly/],
    [
      "tls-common-name",
      "two of them",
      { ...good, subject: [...commonName("www.example.com"), ...commonName("www.example.com")] },
      leafContext,
      /more than one/,
    ],
    [
      "tls-subject",
      "an organisational unit",
      { ...good, subject: [[{ type: "OU", value: "x" }]] },
      leafContext,
      /organizationalUnit/,
    ],
    [
      "tls-subject",
      "an organisation under domain validation",
      { ...good, subject: [[{ type: "O", value: "x" }]] },
      leafContext,
      /not verified/,
    ],
    [
      "tls-subject",
      "organisation validation without country",
      { ...good, policies: [organizationValidated], subject: [[{ type: "O", value: "x" }]] },
      leafContext,
      /subject C is missing/,
    ],
    ["tls-certificate-policies", "none", { ...good, policies: ["1.2.3"] }, leafContext, /0 reserved/],
    [
      "tls-certificate-policies",
      "anyPolicy",
      { ...good, policies: [domainValidated, "2.5.29.32.0"] },
      leafContext,
      /anyPolicy/,
    ],
    [
      "tls-extended-key-usage",
      "mail beside the server",
      { ...good, extKeyUsage: ["serverAuth", "emailProtection"] },
      leafContext,
      /emailProtection beside/,
    ],
    [
      "tls-extended-key-usage",
      "no server",
      { ...good, extKeyUsage: ["clientAuth"] },
      leafContext,
      /serverAuth is missing/,
    ],
    [
      "tls-key-usage",
      "no signature",
      { ...good, keyUsage: ["keyAgreement"] },
      leafContext,
      /must have digitalSignature/,
    ],
    [
      "tls-authority-info-access",
      "missing",
      { ...good, extensions: withoutExtension(good, oids.authorityInfoAccess) },
      leafContext,
      /missing/,
    ],
    [
      "tls-authority-info-access",
      "on loopback",
      { ...good, ocspUrls: ["http://127.0.0.1:8080/ocsp"] },
      leafContext,
      /not reachable/,
    ],
    [
      "tls-authority-info-access",
      "one label",
      { ...good, ocspUrls: ["http://pki/ocsp"] },
      leafContext,
      /not reachable/,
    ],
    [
      "tls-revocation-pointer",
      "none",
      { ...good, ocspUrls: [], crlUrls: [], extensions: withoutExtension(good, oids.cRLDistributionPoints) },
      leafContext,
      /longer than 10 days/,
    ],
    [
      "tls-key-algorithm",
      "Ed25519",
      { ...good, key: { ...good.key, algorithm: "Ed25519" } },
      leafContext,
      /Ed25519 keys/,
    ],
    [
      "tls-signature-algorithm",
      "Ed25519",
      { ...good, signatureAlgorithm: "Ed25519" },
      { kind: "leaf", nowMs: testNow },
      /Ed25519 is not allowed/,
    ],
    [
      "tls-signature-algorithm",
      "P-256 with SHA-384",
      { ...good, signatureAlgorithm: "ecdsa-with-SHA384" },
      leafContext,
      /signs with ecdsa-with-SHA256/,
    ],
    [
      "tls-extensions",
      "another one",
      leaf(changed([...tlsContent, ext.extension("1.2.3.4", false, integer(1))])),
      leafContext,
      /1\.2\.3\.4 is not listed/,
    ],
    [
      "tls-rsa-close-primes",
      "close primes",
      { ...good, key: { ...rsaKey, keyBits: sequence(integer(closeModulus), integer(65_537)) } },
      leafContext,
      /too close/,
    ],
    [
      "tls-ca-subject",
      "a common name alone",
      { ...goodCa, subject: commonName("CA") },
      caContext,
      /subject C is missing/,
    ],
    ["tls-ca-policies", "none", { ...goodCa, policies: [] }, caContext, /missing/],
    [
      "tls-ca-extended-key-usage",
      "none",
      { ...goodCa, extKeyUsage: ["clientAuth"] },
      caContext,
      /serverAuth is missing/,
    ],
    [
      "tls-ca-extended-key-usage",
      "mail too",
      { ...goodCa, extKeyUsage: ["serverAuth", "emailProtection"] },
      caContext,
      /beside/,
    ],
    [
      "tls-ca-crl",
      "none",
      { ...goodCa, crlUrls: [], extensions: withoutExtension(goodCa, oids.cRLDistributionPoints) },
      caContext,
      /missing/,
    ],
    [
      "tls-root-validity",
      "a year",
      { ...goodRoot, notAfterMs: goodRoot.notBeforeMs + 365 * days },
      contexts.root,
      /365 days/,
    ],
    [
      "tls-root-extensions",
      "a path length",
      { ...goodRoot, basicConstraints: { ca: true, pathLen: 1 } },
      contexts.root,
      /pathLen/,
    ],
    [
      "tls-responder",
      "policies",
      {
        ...goodResponder,
        extensions: new Map([
          ...goodResponder.extensions,
          [oids.certificatePolicies, { critical: false, value: sequence() }],
        ]),
      },
      responderContext,
      /certificatePolicies on/,
    ],
  ];

describe("what the CA/Browser Forum forbids, and nothing else is found", () => {
  it.each(cases)("%s: %s", (id, _name, tbs, context, message) => {
    const found = lint(tbs, context);
    expect([...new Set(found.map((finding) => finding.id))]).toEqual([id]);
    expect(found.some((finding) => message.test(finding.message))).toBe(true);
  });

  it("every rule of the set has a case here, and none of them binds the others", () => {
    const ofTheSet = certificateRules.filter(({ set: bound }) => bound === "cabf-tls").map(({ id }) => id);
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(ofTheSet));
    for (const [, , tbs, context] of cases)
      expect(lintTbsCertificate(tbs, context).filter(({ id }) => id.startsWith("tls-"))).toEqual([]);
  });
});
