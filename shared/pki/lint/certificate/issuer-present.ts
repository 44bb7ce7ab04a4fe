import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** A certificate says who issued it. */
export const issuerPresent: CertificateRule = {
  id: "issuer-present",
  severity: "error",
  source: "RFC 5280 4.1.2.4",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.issuer.length === 0) report("issuer must not be empty");
  },
};
