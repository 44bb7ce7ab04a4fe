import { oids } from "../../oids.ts";
import type { CertificateRule } from "../rule.ts";

/** A responder certificate points nowhere and follows no policy. */
export const tlsResponder: CertificateRule = {
  id: "tls-responder",
  severity: "error",
  source: "CA/B BR 7.1.2.8.2",
  set: "cabf-tls",
  appliesTo: ["ocsp-responder"],
  effective: "2023-09-15",
  check(tbs, report) {
    for (const name of ["cRLDistributionPoints", "certificatePolicies", "nameConstraints"] as const)
      if (tbs.extensions.has(oids[name])) report(`${name} on an OCSP responder`);
  },
};
