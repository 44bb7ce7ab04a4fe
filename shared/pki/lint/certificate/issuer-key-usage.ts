import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** Who signs certificates says so. */
export const issuerKeyUsage: CertificateRule = {
  id: "issuer-key-usage",
  severity: "error",
  source: "RFC 5280 4.2.1.3, 6.1.4",
  set: "pkix",
  appliesTo: ["issuing-ca", "leaf", "ocsp-responder", "ra"],
  effective: rfc5280Date,
  check(_tbs, report, { issuer }) {
    if (issuer?.keyUsage !== undefined && !issuer.keyUsage.includes("keyCertSign"))
      report("the issuing CA's keyUsage does not allow keyCertSign");
  },
};
