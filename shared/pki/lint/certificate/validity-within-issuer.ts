import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** What outlives its CA stops working while it says that it is valid. */
export const validityWithinIssuer: CertificateRule = {
  id: "validity-within-issuer",
  severity: "error",
  source: "RFC 5280 6.1.3",
  set: "pkix",
  appliesTo: ["issuing-ca", "leaf", "ocsp-responder", "ra"],
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    if (issuer !== undefined && tbs.notAfterMs > issuer.notAfterMs)
      report("notAfter is beyond the end of the issuing CA");
  },
};
