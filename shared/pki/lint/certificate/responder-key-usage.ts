import type { CertificateRule } from "../rule.ts";

/** A responder signs. */
export const responderKeyUsage: CertificateRule = {
  id: "responder-key-usage",
  severity: "error",
  source: "RFC 6960 4.2.2.2, RFC 5280 4.2.1.3",
  set: "pkix",
  appliesTo: ["ocsp-responder"],
  effective: "2013-06-01",
  check({ keyUsage = [] }, report) {
    if (keyUsage.length > 0 && !keyUsage.includes("digitalSignature")) report("a responder needs digitalSignature");
  },
};
