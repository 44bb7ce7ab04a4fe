import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** Who signs CRLs says so. */
export const crlIssuerKeyUsage: CrlRule = {
  id: "crl-issuer-key-usage",
  severity: "error",
  source: "RFC 5280 4.2.1.3, 6.3.3",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(_tbs, report, { issuer }) {
    if (issuer?.keyUsage !== undefined && !issuer.keyUsage.includes("cRLSign"))
      report("the CA's keyUsage does not allow cRLSign");
  },
};
