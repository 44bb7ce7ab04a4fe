import type { CertificateRule } from "../rule.ts";

/** A CA for TLS is for that. */
export const tlsCaExtendedKeyUsage: CertificateRule = {
  id: "tls-ca-extended-key-usage",
  severity: "error",
  source: "CA/B BR 7.1.2.10.6",
  set: "cabf-tls",
  appliesTo: ["issuing-ca"],
  effective: "2023-09-15",
  check({ extKeyUsage = [] }, report) {
    if (!extKeyUsage.includes("serverAuth")) report("serverAuth is missing");
    for (const purpose of extKeyUsage)
      if (purpose !== "serverAuth" && purpose !== "clientAuth") report(`${purpose} beside serverAuth`);
  },
};
