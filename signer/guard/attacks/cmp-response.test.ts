/** CMP messages that are no response of this RA, or hand out what is not its CA's (RFC 9810 5.1; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "#shared/kernel/bytes";
import { assembleSigned } from "#shared/pki/certificate";
import { explicit, ia5String, integer, null_, octetString, oid, sequence, tlv } from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { makeRa, type Ra, raNameDer } from "#test/signer/ra";
import { caExtensions, type Chain, day, leafSerial, request, type Workshop } from "#test/signer/workshop";
import { certRepMessage, general, responseBodiesWith, status } from "#test/vectors/cmp-response";

let target: Target;
let chain: Chain;
let workshop: Workshop;
let ra: Ra;

beforeAll(async () => {
  target = await openTarget();
  ({ chain, workshop } = target);
  ra = await makeRa(workshop, chain);
});
afterAll(() => workshop[Symbol.asyncDispose]());

const filled = (tbs: Uint8Array): Uint8Array => assembleSigned(tbs, "ecdsa-with-SHA256", new Uint8Array(70));
const issued = (): Uint8Array => filled(chain.leafTbs({ serial: fromHex(leafSerial) }));
const strange = (): Uint8Array => filled(chain.leafTbs());

/** What a client asks, or another message that is no answer, by its tag (RFC 9810 5.1.2). */
const notServed = [0, 2, 4, 5, 6, 7, 9, 10, 11, 13, 14, 15, 16, 17, 18, 20, 21, 24, 25, 27];

describe("a CMP message", () => {
  const header = (fields: Readonly<Record<number, Uint8Array | undefined>>) => ra.cmp(undefined, { fields });
  const attacks: readonly Omit<Attack, "handle" | "type">[] = [
    ...notServed.map((tag) => ({
      what: `with body ${tag}`,
      tbs: () => ra.cmp(explicit(tag, null_())),
      reason: new RegExp(`PKIBody ${tag} is no response`),
      code: "malformed" as const,
    })),
    {
      what: "from somebody else",
      tbs: () => ra.cmp(undefined, { sender: explicit(4, nameDer(commonName("CA"))) }),
      reason: /sender is not the subject/,
    },
    {
      what: "from nobody",
      tbs: () => ra.cmp(undefined, { sender: explicit(4, nameDer([])) }),
      reason: /sender is not the subject/,
    },
    {
      what: "from two at once",
      tbs: () => ra.cmp(undefined, { sender: explicit(4, raNameDer(chain), nameDer(commonName("CA"))) }),
      reason: /must be one directoryName/,
      code: "malformed",
    },
    {
      what: "from a mail address",
      tbs: () => ra.cmp(undefined, { sender: ia5String("ra@example.test", 0x81) }),
      reason: /sender/,
      code: "malformed",
    },
    { what: "without protectionAlg", tbs: () => header({ 1: undefined }), reason: /protectionAlg/, code: "malformed" },
    {
      what: "under another algorithm",
      tbs: () => header({ 1: algorithmIdentifier("ecdsa-with-SHA256") }),
      reason: /names ecdsa-with-SHA256/,
    },
    {
      what: "that says it is under a MAC",
      tbs: () => header({ 1: sequence(oid("1.2.840.113533.7.66.13"), null_()) }),
      reason: /not supported/,
      code: "malformed",
    },
    {
      what: "under another key's identifier",
      tbs: () => header({ 2: octetString(new Uint8Array(20)) }),
      reason: /senderKID is not this key's/,
    },
    { what: "of no transaction", tbs: () => header({ 4: undefined }), reason: /transactionID/, code: "malformed" },
    { what: "without a nonce", tbs: () => header({ 5: undefined }), reason: /senderNonce/, code: "malformed" },
    { what: "that answers no message", tbs: () => header({ 6: undefined }), reason: /recipNonce is missing/ },
    {
      what: "from yesterday",
      tbs: () => header({ 0: tlv(0x18, [Buffer.from("20391231000000Z")]) }),
      reason: /messageTime is not now/,
    },
    { what: "of version 1", tbs: () => ra.cmp(undefined, { pvno: integer(1) }), reason: /pvno/, code: "malformed" },
    {
      what: "with further information",
      tbs: () => header({ 8: general(["1.3.6.1.5.5.7.4.15", null_()]) }),
      reason: /does not belong to a response/,
      code: "malformed",
    },
    {
      what: "with a field that there is not",
      tbs: () => header({ 9: null_() }),
      reason: /not expected/,
      code: "malformed",
    },
    ...(["ip", "cp", "kup"] as const).map((body) => ({
      what: `that hands out what the CA never signed (${body})`,
      tbs: () => ra.cmp(responseBodiesWith(strange(), strange())[body]),
      reason: /was never signed by the CA/,
    })),
    {
      what: "that hands out another CA's certificate",
      tbs: () => ra.cmp(explicit(3, certRepMessage(filled(chain.openLeafTbs({ serial: fromHex(leafSerial) }))))),
      reason: /was never signed by the CA/,
    },
    {
      what: "with caPubs",
      tbs: () => ra.cmp(explicit(1, sequence(explicit(1, sequence(issued())), sequence()))),
      reason: /caPubs do not belong/,
      code: "malformed",
    },
    {
      what: "with a private key",
      tbs: () => ra.cmp(explicit(3, certRepMessage(issued(), explicit(0, sequence())))),
      reason: /not expected/,
      code: "malformed",
    },
    {
      what: "with an encrypted certificate",
      tbs: () => {
        const pair = sequence(explicit(1, sequence()));
        return ra.cmp(explicit(3, sequence(sequence(sequence(integer(0), status(0), pair)))));
      },
      reason: /CertifiedKeyPair: no certificate/,
      code: "malformed",
    },
    {
      what: "that names a stranger a CA",
      tbs: () => ra.cmp(explicit(22, general(["1.3.6.1.5.5.7.4.17", sequence(strange())]))),
      reason: /none of this tenant's/,
    },
    {
      what: "that names another tenant's CA",
      tbs: async () => {
        const name = nameDer(commonName("Their Root"));
        const spki = target.spkiOf("root", "other");
        const over = { issuerNameDer: name, subjectNameDer: name, spki, extensions: caExtensions(spki, spki) };
        const theirs = chain.rootTbs(over);
        await workshop.service.sign(request("certificate", "root", theirs, { tenant: "other" }));
        return ra.cmp(explicit(22, general(["1.3.6.1.5.5.7.4.17", sequence(filled(theirs))])));
      },
      reason: /none of this tenant's/,
    },
    {
      what: "that names our key a CA by another name",
      tbs: () => {
        const renamed = filled(chain.caTbs({ subjectNameDer: nameDer(commonName("Other")) }));
        return ra.cmp(explicit(22, general(["1.3.6.1.5.5.7.4.17", sequence(renamed)])));
      },
      reason: /none of this tenant's/,
    },
    {
      what: "that announces a new root",
      tbs: () => ra.cmp(explicit(22, general(["1.3.6.1.5.5.7.4.18", sequence(filled(chain.rootTbs()))]))),
      reason: /takes the place of another/,
      code: "malformed",
    },
    {
      what: "that says anything else",
      tbs: () => ra.cmp(explicit(22, general(["1.3.6.1.5.5.7.4.1", null_()]))),
      reason: /is not served/,
      code: "malformed",
    },
    { what: "that is a TBS", tbs: () => chain.leafTbs(), reason: /./, code: "malformed" },
    { what: "that is a CertRep", tbs: () => ra.certRep(), reason: /./, code: "malformed" },
    {
      what: "with bytes behind it",
      tbs: () => Buffer.concat([ra.cmp(), Uint8Array.of(0)]),
      reason: /./,
      code: "malformed",
    },
  ];
  hold(
    () => target,
    attacks.map((attack) => ({ ...attack, type: "cmp", handle: "ra" })),
  );

  test("of each kind that is a response is signed", async () => {
    const bodies = responseBodiesWith(issued(), filled(chain.caTbs()));
    for (const [what, body] of Object.entries(bodies))
      expect((await workshop.service.sign(request("cmp", "ra", ra.cmp(body)))).signature, what).toHaveLength(256);
  });

  test("that is an error may answer what had no nonce", async () => {
    const { error } = responseBodiesWith(issued(), issued());
    const attempt = request("cmp", "ra", ra.cmp(error, { fields: { 6: undefined } }));
    expect((await workshop.service.sign(attempt)).signature).toHaveLength(256);
  });

  test("is signed until the certificate ends, also by a signer that learnt that from its journal", async () => {
    await workshop.restart();
    expect((await workshop.service.sign(request("cmp", "ra", ra.cmp()))).signature).toHaveLength(256);
    workshop.clock.advance(30 * day);
    for (const [type, tbs] of [
      ["cmp", ra.cmp()],
      ["cms", ra.certRep()],
    ] as const)
      await expect(workshop.service.sign(request(type, "ra", tbs))).rejects.toThrow(/has ended/);
  });
});
