import { verifySignature } from "#shared/crypto/signature";
import { everyKind, rfc5280Date, type WholeRule } from "../rule.ts";

/** The signature is over the octets that were to be signed, by the algorithm that the object names. */
export const signatureCovers: WholeRule = {
  id: "signature-covers",
  severity: "error",
  source: "RFC 5280 4.1.1.3, 5.1.1.3, RFC 6960 4.2.1",
  set: "pkix",
  appliesTo: everyKind,
  effective: rfc5280Date,
  async check({ tbs: data, signature, spki, signatureAlgorithm: algorithm }, report) {
    if (!(await verifySignature({ algorithm, spki, data, signature }))) report("the signature does not verify");
  },
};
