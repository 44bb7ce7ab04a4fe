import { reservedPolicies } from "../tls-policies.ts";
import type { CertificateRule } from "../rule.ts";

const anyPolicy = "2.5.29.32.0";

/** Exactly one reserved policy says how the names were verified. */
export const tlsCertificatePolicies: CertificateRule = {
  id: "tls-certificate-policies",
  severity: "error",
  source: "CA/B BR 7.1.2.7.9",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check({ policies = [] }, report) {
    const reserved = policies.filter((policy) => reservedPolicies.includes(policy));
    if (reserved.length !== 1)
      report(`${reserved.length} reserved policies of the CA/B Forum; exactly one is required`);
    if (policies.includes(anyPolicy)) report("anyPolicy is not allowed");
  },
};
