import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Chains are also built by key. */
export const subjectKeyIdentifier: CertificateRule = {
  id: "subject-key-identifier",
  severity: "error",
  source: "RFC 5280 4.2.1.2",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.ski === undefined) report("subjectKeyIdentifier is missing");
    else if (tbs.ski.length === 0) report("subjectKeyIdentifier is empty");
  },
};
