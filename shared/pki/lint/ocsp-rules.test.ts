import { describe, expect, it } from "vitest";
import { caKey, goodResponder, issuer, leafKey } from "#test/lint/certificates";
import { testNow } from "#test/vectors/x509";
import { keyIdentifier } from "../key.ts";
import { buildTbsResponseData, certIdFor, parseTbsResponseData, type SingleResponse } from "../ocsp.ts";
import type { ResponseData } from "../ocsp-values.ts";
import { ocspRules } from "./ocsp-rules.ts";
import { lintResponseData } from "./registry.ts";
import type { OcspContext } from "./rule.ts";

const hour = 3_600_000;
const single = (changes: Partial<SingleResponse> = {}): SingleResponse => ({
  certId: certIdFor(issuer.subjectDer, issuer.spki, "0102", "sha1"),
  status: { type: "good" },
  thisUpdateMs: testNow,
  nextUpdateMs: testNow + 24 * hour,
  ...changes,
});
const data = (...responses: readonly SingleResponse[]): ResponseData =>
  parseTbsResponseData(
    buildTbsResponseData({
      responderKeyHash: keyIdentifier(leafKey.spki),
      producedAtMs: testNow,
      responses,
      nonce: new Uint8Array(16),
    }),
  );
const good = data(single());
const context: OcspContext = { responder: goodResponder, issuer, signatureAlgorithm: "ecdsa-with-SHA256" };
const lint = (tbs: ResponseData, used: OcspContext) =>
  lintResponseData(tbs, used, { conformsTo: "cabf-tls", warnings: true });
const revoked = (reason: "certificateHold" | "removeFromCRL" | "superseded", atMs = testNow): ResponseData =>
  data(single({ status: { type: "revoked", atMs, reason } }));

describe("what is fine", () => {
  it.each<[string, ResponseData, OcspContext]>([
    ["good", good, context],
    ["revoked", revoked("superseded"), context],
    ["unknown", data(single({ status: { type: "unknown" } })), context],
    ["by SHA-256", data(single({ certId: certIdFor(issuer.subjectDer, issuer.spki, "0102", "sha256") })), context],
    ["by the CA itself", { ...good, responderKeyHash: keyIdentifier(caKey.spki) }, { ...context, responder: issuer }],
  ])("%s", (_name, tbs, used) => {
    expect(lint(tbs, used)).toEqual([]);
  });
});

const otherCertId = certIdFor(issuer.subjectDer, leafKey.spki, "0102", "sha1");
const otherName = certIdFor(goodResponder.subjectDer, issuer.spki, "0102", "sha1");
const cases: readonly [id: string, name: string, tbs: ResponseData, used: OcspContext, message: RegExp][] = [
  ["ocsp-responder-id", "another key", { ...good, responderKeyHash: new Uint8Array(20) }, context, /not the hash/],
  [
    "ocsp-responder-authorized",
    "a leaf",
    good,
    { ...context, responder: { ...goodResponder, extKeyUsage: ["serverAuth"] } },
    /not for OCSPSigning/,
  ],
  [
    "ocsp-responder-authorized",
    "another CA's",
    good,
    { ...context, responder: { ...goodResponder, issuerDer: new Uint8Array(2) } },
    /not certified by this CA/,
  ],
  [
    "ocsp-responder-authorized",
    "another key's",
    good,
    { ...context, responder: { ...goodResponder, aki: new Uint8Array(20) } },
    /another key of this CA/,
  ],
  [
    "ocsp-responder-valid",
    "a certificate that is over",
    good,
    { ...context, responder: { ...goodResponder, notAfterMs: testNow - 1 } },
    /after the end/,
  ],
  [
    "ocsp-signature-algorithm",
    "another kind of key",
    good,
    { ...context, signatureAlgorithm: "Ed25519" },
    /cannot sign/,
  ],
  [
    "ocsp-signature-algorithm",
    "SHA-1",
    good,
    { ...context, signatureAlgorithm: "sha1WithRSAEncryption" as never },
    /not allowed/,
  ],
  ["ocsp-times", "of the future", data(single({ thisUpdateMs: testNow + hour })), context, /after producedAt/],
  ["ocsp-revocation-time", "tomorrow", revoked("superseded", testNow + 24 * hour), context, /after producedAt/],
  ["ocsp-cert-id", "another key", data(single({ certId: otherCertId })), context, /issuerKeyHash/],
  ["ocsp-cert-id", "another name", data(single({ certId: otherName })), context, /issuerNameHash/],
  ["ocsp-nonce", "129 octets", { ...good, nonce: new Uint8Array(129) }, context, /129 octets/],
  [
    "ocsp-single-response",
    "two certificates",
    data(single(), single({ certId: certIdFor(issuer.subjectDer, issuer.spki, "0103", "sha1") })),
    context,
    /2 certificates/,
  ],
  ["tls-ocsp-lifetime", "ten minutes", data(single({ nextUpdateMs: testNow + hour / 6 })), context, /8 to 240/],
  ["tls-ocsp-reason", "on hold", revoked("certificateHold"), context, /certificateHold/],
];
/** What breaks a second rule beside by its nature. */
const twofold: typeof cases = [
  [
    "ocsp-times",
    "over before it began",
    data(single({ nextUpdateMs: testNow - hour })),
    context,
    /must be after thisUpdate/,
  ],
  ["ocsp-reason", "off the CRL", revoked("removeFromCRL"), context, /removeFromCRL/],
  ["ocsp-cert-ids-unique", "twice", data(single(), single()), context, /twice/],
];

describe("what is found, and nothing else", () => {
  it.each(cases)("%s: %s", (id, _name, tbs, used, message) => {
    const found = lint(tbs, used);
    expect(found.map((finding) => `${finding.id}: ${finding.message}`)).toEqual([expect.stringMatching(`^${id}: `)]);
    expect(found[0]?.message).toMatch(message);
  });

  it.each(twofold)("%s: %s, by the rules that bind everything", (id, _name, tbs, used, message) => {
    const found = lintResponseData(tbs, used);
    expect(found).toEqual([expect.objectContaining({ id, message: expect.stringMatching(message) })]);
  });

  it("every rule has a case here", () => {
    expect(new Set([...cases, ...twofold].map(([id]) => id))).toEqual(new Set(ocspRules.map(({ id }) => id)));
  });
});
