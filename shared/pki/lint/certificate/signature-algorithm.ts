import { signatureAlgorithms } from "#shared/crypto/signature";
import { canSign } from "../../key.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** An algorithm of the kind of the issuing key. */
export const signatureAlgorithm: CertificateRule = {
  id: "signature-algorithm",
  severity: "error",
  source: "RFC 5280 4.1.2.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report, { issuer, kind }) {
    const key = kind === "root" ? tbs.key : issuer?.key;
    if (!Object.hasOwn(signatureAlgorithms, tbs.signatureAlgorithm))
      report(`signature algorithm ${tbs.signatureAlgorithm} is not allowed`);
    else if (key !== undefined && !canSign(key, tbs.signatureAlgorithm))
      report(`the issuing key (${key.algorithm}) cannot sign with ${tbs.signatureAlgorithm}`);
  },
};
