import { domainValidated, organizationValidated } from "../tls-policies.ts";
import type { CertificateRule } from "../rule.ts";

/** Only what the policy verified: a domain-validated subject has country and common name. */
export const tlsSubject: CertificateRule = {
  id: "tls-subject",
  severity: "error",
  source: "CA/B BR 7.1.2.7.2 to 7.1.2.7.4",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check({ subject, policies = [] }, report) {
    const found = new Set(subject.flat().map(({ type }) => type));
    if (found.has("OU")) report("organizationalUnitName is not allowed");
    if (policies.includes(domainValidated))
      for (const type of found)
        if (type !== "C" && type !== "CN" && type !== "OU") report(`subject ${type} was not verified`);
    if (policies.includes(organizationValidated))
      for (const type of ["O", "C"]) if (!found.has(type)) report(`subject ${type} is missing`);
  },
};
