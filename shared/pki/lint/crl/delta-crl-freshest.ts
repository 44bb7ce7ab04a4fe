import { oids } from "../../oids.ts";
import { type CrlRule, rfc5280Date } from "../rule.ts";

/** A delta CRL points to no other. */
export const deltaCrlFreshest: CrlRule = {
  id: "delta-crl-freshest",
  severity: "error",
  source: "RFC 5280 5.2.6",
  set: "pkix",
  appliesTo: ["delta-crl"],
  effective: rfc5280Date,
  check({ extensions }, report) {
    if (extensions.has(oids.freshestCRL)) report("freshestCRL in a delta CRL");
  },
};
