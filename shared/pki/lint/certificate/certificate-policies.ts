import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** No policy twice. */
export const certificatePolicies: CertificateRule = {
  id: "certificate-policies",
  severity: "error",
  source: "RFC 5280 4.2.1.4",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ policies = [] }, report) {
    if (new Set(policies).size !== policies.length) report("a policy comes twice in certificatePolicies");
  },
};
