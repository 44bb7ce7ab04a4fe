import { type CrlRule, rfc5280Date } from "../rule.ts";

/** A complete CRL says nothing about a base. */
export const completeCrl: CrlRule = {
  id: "complete-crl",
  severity: "error",
  source: "RFC 5280 5.2.4",
  set: "pkix",
  appliesTo: ["crl"],
  effective: rfc5280Date,
  check({ deltaBase }, report) {
    if (deltaBase !== undefined) report("a complete CRL must not have a deltaCRLIndicator");
  },
};
