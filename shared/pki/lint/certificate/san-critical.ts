import { criticality } from "../facts.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** The SAN is critical exactly when the subject is empty. */
export const sanCritical: CertificateRule = {
  id: "san-critical",
  severity: "error",
  source: "RFC 5280 4.2.1.6",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    const critical = criticality(tbs, "subjectAltName");
    if (tbs.subject.length === 0 && critical !== true) report("an empty subject needs a critical subjectAltName");
    if (tbs.subject.length > 0 && critical === true) report("subjectAltName is critical beside a subject");
  },
};
