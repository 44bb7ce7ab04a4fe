import { describe, expect, it } from "vitest";
import { caKey, issuer } from "#test/lint/certificates";
import { testNow } from "#test/vectors/x509";
import { buildTbsCertList, parseTbsCertList, type TbsCertListSpec } from "../crl.ts";
import type { TbsCertList } from "../crl-values.ts";
import { keyIdentifier } from "../key.ts";
import { oids } from "../oids.ts";
import { crlRules } from "./crl-rules.ts";
import { lintTbsCertList } from "./registry.ts";
import type { CrlContext, CrlKind } from "./rule.ts";

const days = 86_400_000;
const revoked = { serial: "0102", revokedAtMs: testNow - days, reason: "superseded" } as const;
const list = (changes: Partial<TbsCertListSpec> = {}): TbsCertList =>
  parseTbsCertList(
    buildTbsCertList({
      signatureAlgorithm: caKey.algorithm,
      issuerNameDer: issuer.subjectDer,
      thisUpdateMs: testNow,
      nextUpdateMs: testNow + 7 * days,
      number: 5,
      authorityKeyId: keyIdentifier(caKey.spki),
      distributionPointUrl: "http://pki.example/crl/1/0.crl",
      entries: [revoked],
      ...changes,
    }),
  );
const good = list();
const delta = list({ baseCrlNumber: 4 });
const context: CrlContext = { issuer };
const lint = (tbs: TbsCertList, kind: CrlKind, used: CrlContext) =>
  lintTbsCertList(tbs, kind, used, { conformsTo: "cabf-tls", warnings: true });
const withExtension = (tbs: TbsCertList, dotted: string, critical: boolean): TbsCertList => ({
  ...tbs,
  extensions: new Map([...tbs.extensions, [dotted, { critical, value: new Uint8Array(0) }]]),
});
const entry = (changes: Partial<TbsCertList["entries"][number]>): TbsCertList => ({
  ...good,
  entries: [{ serialHex: "0102", revokedAtMs: testNow - days, reason: "superseded", ...changes }],
});

describe("what is fine", () => {
  it.each<[string, TbsCertList, CrlKind]>([
    ["a CRL", good, "crl"],
    ["an empty one", list({ entries: [] }), "crl"],
    ["a delta", delta, "delta-crl"],
  ])("%s", (_name, tbs, kind) => {
    expect(lint(tbs, kind, context)).toEqual([]);
  });
});

const cases: readonly [id: string, name: string, tbs: TbsCertList, used: CrlContext, message: RegExp][] = [
  ["crl-issuer", "no issuer", { ...good, issuer: [] }, context, /must not be empty/],
  ["crl-issuer", "another CA", { ...good, issuerDer: new Uint8Array(2) }, context, /not the subject/],
  [
    "crl-signature-algorithm",
    "SHA-1",
    { ...good, signatureAlgorithm: "sha1WithRSAEncryption" as never },
    context,
    /not allowed/,
  ],
  [
    "crl-signature-algorithm",
    "another kind of key",
    { ...good, signatureAlgorithm: "Ed25519" },
    context,
    /cannot sign/,
  ],
  ["crl-issuer-key-usage", "a CA that may not", good, { issuer: { ...issuer, keyUsage: ["keyCertSign"] } }, /cRLSign/],
  [
    "crl-time-encoding",
    "GeneralizedTime before 2050",
    { ...good, timeEncoding: ["UTCTime", "GeneralizedTime"] },
    context,
    /nextUpdate must be UTCTime/,
  ],
  ["crl-time-order", "no time between", { ...good, nextUpdateMs: good.thisUpdateMs }, context, /before nextUpdate/],
  ["crl-within-issuer", "beyond the CA", good, { issuer: { ...issuer, notAfterMs: testNow + days } }, /beyond the end/],
  ["crl-authority-key-identifier", "another key", { ...good, aki: new Uint8Array(20) }, context, /not the key/],
  ["crl-authority-key-identifier", "none", (({ aki: _, ...rest }) => rest)(good), context, /missing/],
  ["crl-number", "21 octets", { ...good, number: 1n << 159n }, context, /20 octets/],
  [
    "crl-extension-criticality",
    "a point that may be ignored",
    withExtension(good, oids.issuingDistributionPoint, false),
    context,
    /must be critical/,
  ],
  [
    "crl-extension-criticality",
    "a critical number",
    withExtension(good, oids.cRLNumber, true),
    context,
    /must not be critical/,
  ],
  [
    "crl-extension-criticality",
    "an unknown one",
    withExtension(good, "1.2.3.4", false),
    context,
    /not one that we issue/,
  ],
  ["crl-distribution-point", "https", { ...good, idpUrl: "https://pki.example/1.crl" }, context, /not an http URL/],
  ["crl-entry-dates", "revoked tomorrow", entry({ revokedAtMs: testNow + days }), context, /after thisUpdate/],
  ["crl-entry-serials", "zero", entry({ serialHex: "00" }), context, /no serial/],
  ["complete-crl", "a base", { ...good, deltaBase: 4n }, context, /must not have/],
  [
    "delta-crl-base",
    "none",
    withExtension((({ deltaBase: _, ...rest }) => rest)(delta), oids.deltaCRLIndicator, true),
    context,
    /must have/,
  ],
  ["delta-crl-base", "its own number", { ...delta, deltaBase: 5n }, context, /not before/],
  ["delta-crl-freshest", "points to another", withExtension(delta, oids.freshestCRL, false), context, /freshestCRL/],
  ["tls-crl-lifetime", "eleven days", { ...good, nextUpdateMs: testNow + 11 * days }, context, /10 days/],
  ["tls-crl-reasons", "on hold", entry({ reason: "certificateHold" }), context, /certificateHold is not allowed/],
];

describe("what is found, and nothing else", () => {
  it.each(cases)("%s: %s", (id, _name, tbs, used, message) => {
    const found = lint(tbs, id.startsWith("delta") ? "delta-crl" : "crl", used);
    expect(found.map((finding) => `${finding.id}: ${finding.message}`)).toEqual([expect.stringMatching(`^${id}: `)]);
    expect(found[0]?.message).toMatch(message);
  });

  it("every rule has a case here", () => {
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(crlRules.map(({ id }) => id)));
  });
});
