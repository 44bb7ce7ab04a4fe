/** What an RA key signs: what is read can be written again, and a request is never taken for an answer. */
import { certRepAttributes, parseCertRepAttributes } from "#shared/pki/scep-attributes";
import { parseProtectedResponse, responseBodies } from "#shared/pki/cmp-protected-part";
import { readDer } from "#shared/pki/der/reader";
import { nameDer, commonName } from "#shared/pki/name";
import { cmpHeader, protectedPart, responseBodiesWith } from "#test/vectors/cmp-response";
import { seedNow, signedFiller, tbsSeeds } from "../seeds/x509.ts";
import { holds, type Target } from "../target.ts";
import { isFailure } from "#shared/kernel/failure";
import { isDeepStrictEqual } from "node:util";

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const reply = {
  messageDigest: filled(32, 1),
  transactionId: "2B:7F",
  senderNonce: filled(16, 2),
  recipientNonce: filled(16, 3),
};

export const scepAttributes: Target = {
  run(input) {
    const read = parseCertRepAttributes(input);
    let written: Uint8Array;
    try {
      written = certRepAttributes(read);
    } catch (error) {
      // PrintableString is read more widely than it is written.
      holds(error instanceof TypeError && !isFailure(error), "it is not written");
      return;
    }
    holds(isDeepStrictEqual(parseCertRepAttributes(written), read), "written, it is read otherwise");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => [
    certRepAttributes({ ...reply, status: "success" }),
    certRepAttributes({ ...reply, status: "pending" }),
    certRepAttributes({ ...reply, status: "failure", failInfo: "badRequest", failInfoText: "no such name" }),
  ],
};

export const cmpProtectedPart: Target = {
  run(input) {
    const { body } = parseProtectedResponse(input);
    const choice = readDer(input, { maxDepth: 24, maxBytes: 1 << 21, maxElements: 400_000 }).children()[1];
    holds(choice?.tag === (0xa0 | responseBodies[body]), `it is taken for ${body}`);
  },
  refusals: ["malformed"],
  format: "der",
  seeds: () => {
    const { leaf, ca } = tbsSeeds();
    const header = cmpHeader(nameDer(commonName("RA")), seedNow);
    return Object.values(responseBodiesWith(signedFiller(leaf), signedFiller(ca))).map((body) =>
      protectedPart(header, body),
    );
  },
};
