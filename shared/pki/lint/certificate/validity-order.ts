import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** A certificate that is never valid is a mistake. */
export const validityOrder: CertificateRule = {
  id: "validity-order",
  severity: "error",
  source: "RFC 5280 4.1.2.5",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.notBeforeMs >= tbs.notAfterMs) report("notBefore must be before notAfter");
  },
};
