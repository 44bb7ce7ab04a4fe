/** What the edge makes of the path of an OCSP request, and what the function makes of that. */
import { base64, sameBytes } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { sequence } from "#shared/pki/der/writer";
import { parseOcspRequest } from "#shared/pki/ocsp";
import { parseStoredQuestion } from "#shared/pki/stored-status";
import { openViewer } from "#test/edge/viewer";
import { ocspRequestSeeds, seedNow } from "../seeds/x509.ts";
import { holds, same, type Target } from "../target.ts";

const viewer = openViewer(() => seedNow);
const prefix = "/ocsp/abcdefghijklmnopq234/";

function parsed(input: Uint8Array) {
  try {
    return parseOcspRequest(input);
  } catch (error) {
    if (isFailure(error, "malformed")) return undefined;
    throw error;
  }
}

export const storedQuestion: Target = {
  run(input) {
    const path = `${prefix}${encodeURIComponent(base64(input))}`;
    const uri = viewer({ method: "GET", uri: path });
    const read = parsed(input);
    const [only] = read?.certIds ?? [];
    if (uri === path) {
      const plain = only !== undefined && sameBytes(sequence(sequence(sequence(sequence(only.der)))), input);
      holds(!plain || only.der.length > 256, "the edge left a plain question");
      return;
    }
    const question = parseStoredQuestion(uri.slice(uri.lastIndexOf("/") + 1));
    holds(question !== undefined, "the function does not know the edge's name");
    same(question?.request ?? new Uint8Array(), input, "request");
    if (only !== undefined) same(only.der, question?.certId ?? new Uint8Array(), "CertID");
    holds(
      read === undefined || (read.certIds.length === 1 && !read.signed && read.nonce === undefined),
      "more was asked",
    );
  },
  refusals: [],
  format: "der",
  seeds: ocspRequestSeeds,
};
