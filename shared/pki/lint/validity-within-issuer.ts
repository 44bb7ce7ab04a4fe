import { type Rule, unless } from "./rule.ts";

/** A leaf that outlives its CA stops working while it says that it is valid. */
export const validityWithinIssuer: Rule = {
  code: "validity-within-issuer",
  source: "RFC 5280 6.1",
  check: (tbs, { issuerCertificate: issuer }) =>
    unless(issuer === undefined || tbs.notAfterMs <= issuer.notAfterMs, "notAfter is beyond the end of the issuing CA"),
};
