import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** A CRL that outlives its CA cannot be checked to its end. */
export const crlWithinIssuer: CrlRule = {
  id: "crl-within-issuer",
  severity: "warning",
  source: "RFC 5280 6.3.3",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    if (issuer !== undefined && tbs.nextUpdateMs > issuer.notAfterMs) report("nextUpdate is beyond the end of the CA");
  },
};
