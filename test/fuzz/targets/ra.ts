/** What an RA key signs: what is read can be written again, and a request is never taken for an answer. */
import { certRepAttributes, parseCertRepAttributes } from "#shared/pki/scep/cert-rep-attributes";
import { bodyTypes } from "#shared/pki/cmp/body-type";
import { parseProtectedResponse } from "#shared/pki/cmp/protected-response";
import { readDer } from "#shared/pki/der/reader";
import { certRepSeeds, cmpResponseSeeds } from "../seeds/ra.ts";
import { holds, same, type Target } from "../target.ts";
import { isFailure } from "#shared/kernel/failure";

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
    same(certRepAttributes(parseCertRepAttributes(written)), written, "written, it is read otherwise");
  },
  refusals: ["malformed"],
  format: "der",
  seeds: certRepSeeds,
};

export const cmpProtectedResponse: Target = {
  run(input) {
    const { body } = parseProtectedResponse(input);
    const choice = readDer(input, { maxDepth: 24, maxBytes: 1 << 21, maxElements: 400_000 }).children()[1];
    holds(choice?.tag === (0xa0 | bodyTypes[body]), `it is taken for ${body}`);
  },
  refusals: ["malformed"],
  format: "der",
  seeds: cmpResponseSeeds,
};
