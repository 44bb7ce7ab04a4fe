/** Answers of an RA: what its key signs. */
import { generalizedTime, null_, octetString } from "#shared/pki/der/writer";
import { certRepAttributes } from "#shared/pki/scep/cert-rep-attributes";
import { cmpHeader, general, protectedPart, responseBodiesWith } from "#test/vectors/cmp-response";
import { seedNames, seedNow, signedFiller, tbsSeeds } from "./x509.ts";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const reply = {
  messageDigest: filled(32, 1),
  transactionId: "2B:7F",
  senderNonce: filled(16, 2),
  recipientNonce: filled(16, 3),
};

export const certRepSeeds = (): Uint8Array[] => [
  certRepAttributes({ ...reply, status: "success" }),
  certRepAttributes({ ...reply, status: "pending" }),
  certRepAttributes({ ...reply, status: "failure", failInfo: "badRequest", failInfoText: "no such name" }),
];

export const cmpResponseSeeds = (): Uint8Array[] => {
  const { ra, ca } = tbsSeeds();
  const header = cmpHeader(seedNames.ra, seedNow);
  const bodies = responseBodiesWith(signedFiller(ra), signedFiller(ca));
  const infos = general(["1.3.6.1.5.5.7.4.13", null_()], ["1.3.6.1.5.5.7.4.14", generalizedTime(seedNow)]);
  const fields = { 2: octetString(filled(20, 4)), 8: infos };
  return [
    ...Object.values(bodies).map((body) => protectedPart(header, body)),
    protectedPart(cmpHeader(seedNames.ra, seedNow, { fields }), bodies.ip),
  ];
};
