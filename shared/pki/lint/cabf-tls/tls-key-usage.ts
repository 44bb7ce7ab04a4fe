import { isRsa } from "../../rsa-public-key.ts";
import type { CertificateRule } from "../rule.ts";

/** Uses of a TLS server key. */
export const tlsKeyUsage: CertificateRule = {
  id: "tls-key-usage",
  severity: "error",
  source: "CA/B BR 7.1.2.7.11",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check({ key, keyUsage = [] }, report) {
    const allowed = isRsa(key) ? ["digitalSignature", "keyEncipherment"] : ["digitalSignature", "keyAgreement"];
    for (const use of keyUsage) if (!allowed.includes(use)) report(`keyUsage ${use} is not for a TLS server`);
    if (!isRsa(key) && !keyUsage.includes("digitalSignature")) report("keyUsage must have digitalSignature");
  },
};
