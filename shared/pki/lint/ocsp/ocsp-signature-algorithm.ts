import { signatureAlgorithms } from "#shared/crypto/signature";
import { canSign } from "../../key.ts";
import type { OcspRule } from "../rule.ts";

/** An algorithm of the kind of the responder's key. */
export const ocspSignatureAlgorithm: OcspRule = {
  id: "ocsp-signature-algorithm",
  severity: "error",
  source: "RFC 6960 4.2.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check(_data, report, { responder, signatureAlgorithm }) {
    if (responder === undefined || signatureAlgorithm === undefined) return;
    if (!Object.hasOwn(signatureAlgorithms, signatureAlgorithm))
      report(`signature algorithm ${signatureAlgorithm} is not allowed`);
    else if (!canSign(responder.key, signatureAlgorithm))
      report(`the responder's key (${responder.key.algorithm}) cannot sign with ${signatureAlgorithm}`);
  },
};
