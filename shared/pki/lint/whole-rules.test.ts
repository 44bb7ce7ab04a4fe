import { describe, expect, it } from "vitest";
import { throwAwaySignature } from "#shared/crypto/throw-away-key";
import { caKey, goodLeaf, goodRa, goodResponder, issuer, leafKey } from "#test/lint/certificates";
import { testNow } from "#test/vectors/x509";
import { assembleSigned } from "../certificate.ts";
import { buildTbsCertList } from "../crl.ts";
import { bitString, sequence } from "../der/writer.ts";
import { keyIdentifier } from "../key.ts";
import { assembleBasicResponse, buildTbsResponseData, certIdFor } from "../ocsp.ts";
import { algorithmIdentifier } from "../signature-algorithm.ts";
import { lintWhole } from "./registry.ts";
import type { AnyKind, WholeObject } from "./rule.ts";
import { wholeRules } from "./whole-rules.ts";

const signatureAlgorithm = "ecdsa-with-SHA256";

async function whole(tbs: Uint8Array, certificates?: readonly Uint8Array[]): Promise<WholeObject> {
  const { signature, spki } = await throwAwaySignature(signatureAlgorithm, tbs);
  const der =
    certificates === undefined
      ? assembleSigned(tbs, signatureAlgorithm, signature)
      : assembleBasicResponse(tbs, signatureAlgorithm, signature, certificates);
  return { tbs, der, signature, spki, signatureAlgorithm };
}

const crl = buildTbsCertList({
  signatureAlgorithm,
  issuerNameDer: issuer.subjectDer,
  thisUpdateMs: testNow,
  nextUpdateMs: testNow + 86_400_000,
  number: 1,
  authorityKeyId: keyIdentifier(caKey.spki),
  entries: [],
});
const ocsp = buildTbsResponseData({
  responderKeyHash: keyIdentifier(leafKey.spki),
  producedAtMs: testNow,
  responses: [
    {
      certId: certIdFor(issuer.subjectDer, issuer.spki, "0102", "sha1"),
      status: { type: "good" },
      thisUpdateMs: testNow,
      nextUpdateMs: testNow + 600_000,
    },
  ],
});

describe("a whole object under a throw-away signature", () => {
  it.each<[AnyKind, () => Promise<WholeObject>]>([
    ["root", () => whole(issuer.tbs)],
    ["leaf", () => whole(goodLeaf.tbs)],
    ["ocsp-responder", () => whole(goodResponder.tbs)],
    ["ra", () => whole(goodRa.tbs)],
    ["crl", () => whole(crl)],
    ["ocsp", () => whole(ocsp, [])],
  ])("%s is fine", async (kind, make) => {
    expect(await lintWhole(await make(), kind)).toEqual([]);
  });

  it("every signature is by one key, which is not ours", async () => {
    const [one, two] = [await whole(goodLeaf.tbs), await whole(crl)];
    expect(one.spki).toEqual(two.spki);
    expect([caKey.spki, leafKey.spki]).not.toContainEqual(one.spki);
  });
});

const changedLeaf = async (change: (object: WholeObject) => Partial<WholeObject>): Promise<WholeObject> => {
  const object = await whole(goodLeaf.tbs);
  return { ...object, ...change(object) };
};
const assembled = (tbs: Uint8Array, outer: Uint8Array, signature: Uint8Array): Uint8Array =>
  sequence(tbs, outer, bitString(signature));

const cases: readonly [id: string, name: string, make: () => Promise<WholeObject>, message: RegExp][] = [
  [
    "reads-back",
    "the algorithm differs outside",
    () => changedLeaf(({ tbs, signature }) => ({ der: assembled(tbs, algorithmIdentifier("Ed25519"), signature) })),
    /algorithms differ/,
  ],
  [
    "reads-back",
    "another TBS",
    () =>
      changedLeaf(({ signature }) => ({
        der: assembled(issuer.tbs, algorithmIdentifier(signatureAlgorithm), signature),
      })),
    /not what was to be signed/,
  ],
  [
    "signature-covers",
    "a signature over something else",
    () =>
      changedLeaf(({ signature }) => ({ signature: signature.map((octet, at) => (at === 20 ? octet ^ 1 : octet)) })),
    /does not verify/,
  ],
  ["second-reader", "cut off", () => changedLeaf(({ der }) => ({ der: der.subarray(0, -1) })), /OpenSSL cannot read/],
  [
    "second-reader",
    "another certificate",
    () =>
      changedLeaf(() => ({ der: assembled(issuer.tbs, algorithmIdentifier(signatureAlgorithm), new Uint8Array(70)) })),
    /OpenSSL reads serial/,
  ],
];

describe("what is found", () => {
  it.each(cases)("%s: %s", async (id, _name, make, message) => {
    const found = await lintWhole(await make(), "leaf");
    expect(found).toContainEqual(expect.objectContaining({ id, message: expect.stringMatching(message) }));
  });

  it("every rule has a case here", () => {
    expect(new Set(cases.map(([id]) => id))).toEqual(new Set(wholeRules.map(({ id }) => id)));
  });
});
