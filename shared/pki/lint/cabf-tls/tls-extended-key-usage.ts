import type { CertificateRule } from "../rule.ts";

/** serverAuth, perhaps clientAuth, nothing else. */
export const tlsExtendedKeyUsage: CertificateRule = {
  id: "tls-extended-key-usage",
  severity: "error",
  source: "CA/B BR 7.1.2.7.10",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check({ extKeyUsage = [] }, report) {
    if (!extKeyUsage.includes("serverAuth")) report("serverAuth is missing");
    for (const purpose of extKeyUsage)
      if (purpose !== "serverAuth" && purpose !== "clientAuth") report(`${purpose} beside serverAuth`);
  },
};
