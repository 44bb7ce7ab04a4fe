/** Signed attributes of other messages than a CertRep, or of one that says more (RFC 8894 3.2.1; I5). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { octetString, oid, printableString, sequence, set, tlv, utf8String } from "#shared/pki/der/writer";
import { cmsAttributeOids, oids } from "#shared/pki/oids";
import { type Attack, hold, openTarget, type Target } from "#test/signer/attack";
import { makeRa, type Ra } from "#test/signer/ra";
import { type Chain, request, type Workshop } from "#test/signer/workshop";

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

type Name = keyof typeof cmsAttributeOids;
const attribute = (name: Name, ...values: readonly Uint8Array[]): Uint8Array =>
  sequence(oid(cmsAttributeOids[name]), tlv(0x31, values));
const usual: Readonly<Partial<Record<Name, Uint8Array>>> = {
  contentType: oid(oids.data),
  messageDigest: octetString(new Uint8Array(32)),
  transactionID: printableString("1"),
  messageType: printableString("3"),
  pkiStatus: printableString("0"),
  senderNonce: octetString(new Uint8Array(16)),
  recipientNonce: octetString(new Uint8Array(16)),
};
/** The usual attributes with some replaced, added, or left out. */
const attributes = (over: Partial<Record<Name, Uint8Array | undefined>>, ...more: readonly Uint8Array[]): Uint8Array =>
  set(
    ...Object.entries({ ...usual, ...over }).flatMap(([name, value]) =>
      value === undefined ? [] : [attribute(name as Name, value)],
    ),
    ...more,
  );

describe("signed attributes", () => {
  const attacks: readonly Omit<Attack, "handle" | "type">[] = [
    ...["19", "17", "20", "21", "22", "1", "03", " 3", ""].map((messageType) => ({
      what: `of messageType ${JSON.stringify(messageType)}`,
      tbs: () => attributes({ messageType: printableString(messageType) }),
      reason: /messageType/,
      code: "malformed" as const,
    })),
    {
      what: "of a messageType in another string type",
      tbs: () => attributes({ messageType: utf8String("3") }),
      reason: /messageType/,
      code: "malformed",
    },
    ...(Object.keys(usual) as Name[]).map((name) => ({
      what: `without ${name}`,
      tbs: () => attributes({ [name]: undefined }),
      reason: new RegExp(`${name} is missing`),
      code: "malformed" as const,
    })),
    ...(Object.keys(usual) as Name[]).map((name) => ({
      what: `with ${name} twice`,
      tbs: () => attributes({}, attribute(name, usual[name] as Uint8Array)),
      reason: /comes twice/,
      code: "malformed" as const,
    })),
    {
      what: "with two values of one",
      tbs: () =>
        attributes({ pkiStatus: undefined }, attribute("pkiStatus", printableString("0"), printableString("2"))),
      reason: /pkiStatus: expected one value/,
      code: "malformed",
    },
    {
      what: "with no value of one",
      tbs: () => attributes({ pkiStatus: undefined }, attribute("pkiStatus")),
      reason: /pkiStatus: expected one value/,
      code: "malformed",
    },
    {
      what: "with a signing time",
      tbs: () => attributes({}, sequence(oid("1.2.840.113549.1.9.5"), set(utf8String("now")))),
      reason: /1\.2\.840\.113549\.1\.9\.5 does not belong/,
      code: "malformed",
    },
    {
      what: "of a time stamp's content",
      tbs: () => attributes({ contentType: oid("1.2.840.113549.1.9.16.1.4") }),
      reason: /must be data/,
      code: "malformed",
    },
    {
      what: "of a SHA-1 digest",
      tbs: () => attributes({ messageDigest: octetString(new Uint8Array(20)) }),
      reason: /messageDigest must have 32 octets/,
      code: "malformed",
    },
    {
      what: "with a nonce of 8 octets",
      tbs: () => attributes({ senderNonce: octetString(new Uint8Array(8)) }),
      reason: /senderNonce must have 16 octets/,
      code: "malformed",
    },
    {
      what: "that answer a nonce of 65 octets",
      tbs: () => attributes({ recipientNonce: octetString(new Uint8Array(65)) }),
      reason: /recipientNonce must have 1 to 64 octets/,
      code: "malformed",
    },
    {
      what: "of an unknown status",
      tbs: () => attributes({ pkiStatus: printableString("1") }),
      reason: /pkiStatus "1" is not served/,
      code: "malformed",
    },
    {
      what: "of a failure without its reason",
      tbs: () => attributes({ pkiStatus: printableString("2") }),
      reason: /failInfo stands in failures/,
      code: "malformed",
    },
    {
      what: "of a success with one",
      tbs: () => attributes({ failInfo: printableString("2") }),
      reason: /failInfo stands in failures/,
      code: "malformed",
    },
    {
      what: "of a success with a text",
      tbs: () => attributes({ failInfoText: utf8String("well done") }),
      reason: /failInfoText stands beside failInfo/,
      code: "malformed",
    },
    {
      what: "of a failure that there is not",
      tbs: () => attributes({ pkiStatus: printableString("2"), failInfo: printableString("5") }),
      reason: /failInfo "5"/,
      code: "malformed",
    },
    {
      what: "with a text of 300 characters",
      tbs: () =>
        attributes({
          pkiStatus: printableString("2"),
          failInfo: printableString("2"),
          failInfoText: utf8String("x".repeat(300)),
        }),
      reason: /failInfoText must have 1 to 255/,
      code: "malformed",
    },
    {
      what: "with an empty transaction",
      tbs: () => attributes({ transactionID: printableString("") }),
      reason: /transactionID must have 1 to 255/,
      code: "malformed",
    },
    {
      what: "with a transaction outside PrintableString",
      tbs: () => attributes({ transactionID: tlv(0x13, [Buffer.from("a#b")]) }),
      reason: /transactionID: not valid in PrintableString/,
      code: "malformed",
    },
    {
      what: "out of order",
      tbs: () => {
        const sorted = Object.entries(usual).map(([name, value]) => attribute(name as Name, value));
        return tlv(
          0x31,
          sorted.sort((a, b) => Buffer.compare(b, a)),
        );
      },
      reason: /not as this signer would write them/,
    },
    {
      what: "under the tag that they have in a SignerInfo",
      tbs: () => Uint8Array.from(attributes({}), (octet, index) => (index === 0 ? 0xa0 : octet)),
      reason: /signed attributes/,
      code: "malformed",
    },
    { what: "that are a TBS", tbs: () => chain.leafTbs(), reason: /./, code: "malformed" },
    { what: "that are a CMP message", tbs: () => ra.cmp(), reason: /./, code: "malformed" },
    { what: "that are a bare digest", tbs: () => new Uint8Array(32), reason: /./, code: "malformed" },
  ];
  hold(
    () => target,
    attacks.map((attack) => ({ ...attack, type: "cms", handle: "ra" })),
  );

  test("as clients count and number are signed", async () => {
    const odd = ra.certRep({ transactionId: "a_b@c", recipientNonce: new Uint8Array(8) });
    expect((await workshop.service.sign(request("cms", "ra", odd))).signature).toHaveLength(256);
  });

  test.each(["success", "pending", "failure"] as const)("of a CertRep are signed: %s", async (of) => {
    const failInfo = of === "failure" ? { failInfo: "badRequest" as const, failInfoText: "no" } : {};
    const attempt = request("cms", "ra", ra.certRep({ status: of, ...failInfo }));
    expect((await workshop.service.sign(attempt)).signature).toHaveLength(256);
  });
});
