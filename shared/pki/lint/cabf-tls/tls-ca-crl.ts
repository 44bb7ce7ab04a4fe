import type { CertificateRule } from "../rule.ts";

/** A CA below the root says where its own revocation is told. */
export const tlsCaCrl: CertificateRule = {
  id: "tls-ca-crl",
  severity: "error",
  source: "CA/B BR 7.1.2.11.2",
  set: "cabf-tls",
  appliesTo: ["issuing-ca"],
  effective: "2023-09-15",
  check({ crlUrls }, report) {
    if (crlUrls.length === 0) report("cRLDistributionPoints is missing");
  },
};
