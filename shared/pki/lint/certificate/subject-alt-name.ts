import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** Names live in the SAN. */
export const subjectAltName: CertificateRule = {
  id: "subject-alt-name",
  severity: "error",
  source: "RFC 5280 4.2.1.6, RFC 9525 6.3",
  set: "pkix",
  appliesTo: ["leaf"],
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.sans.length === 0) report("a leaf must have a subjectAltName");
  },
};
