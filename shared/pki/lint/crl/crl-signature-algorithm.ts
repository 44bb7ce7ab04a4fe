import { signatureAlgorithms } from "#shared/crypto/signature";
import { canSign } from "../../key.ts";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** An algorithm of the kind of the issuing key. */
export const crlSignatureAlgorithm: CrlRule = {
  id: "crl-signature-algorithm",
  severity: "error",
  source: "RFC 5280 5.1.2.2",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    if (!Object.hasOwn(signatureAlgorithms, tbs.signatureAlgorithm))
      report(`signature algorithm ${tbs.signatureAlgorithm} is not allowed`);
    else if (issuer !== undefined && !canSign(issuer.key, tbs.signatureAlgorithm))
      report(`the issuing key (${issuer.key.algorithm}) cannot sign with ${tbs.signatureAlgorithm}`);
  },
};
