import { type CrlRule, rfc5280Date } from "../rule.ts";

/** A delta builds on an earlier CRL. */
export const deltaCrlBase: CrlRule = {
  id: "delta-crl-base",
  severity: "error",
  source: "RFC 5280 5.2.4",
  set: "pkix",
  appliesTo: ["delta-crl"],
  effective: rfc5280Date,
  check({ deltaBase, number }, report) {
    if (deltaBase === undefined) report("a delta CRL must have a deltaCRLIndicator");
    else if (deltaBase >= number) report(`base ${deltaBase} is not before the delta's own number ${number}`);
  },
};
