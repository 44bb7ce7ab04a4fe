import { type CertificateRule, everyCa, rfc5280Date } from "../rule.ts";

/** Chains are built by name: a CA has one. */
export const caSubject: CertificateRule = {
  id: "ca-subject",
  severity: "error",
  source: "RFC 5280 4.1.2.6",
  set: "pkix",
  appliesTo: everyCa,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.subject.length === 0) report("subject of a CA must not be empty");
  },
};
