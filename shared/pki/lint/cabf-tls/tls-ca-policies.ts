import type { CertificateRule } from "../rule.ts";

/** A CA below the root says under which policies it issues. */
export const tlsCaPolicies: CertificateRule = {
  id: "tls-ca-policies",
  severity: "error",
  source: "CA/B BR 7.1.2.10.5",
  set: "cabf-tls",
  appliesTo: ["issuing-ca"],
  effective: "2023-09-15",
  check({ policies = [] }, report) {
    if (policies.length === 0) report("certificatePolicies is missing");
  },
};
