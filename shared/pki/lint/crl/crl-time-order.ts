import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** The next one comes later. */
export const crlTimeOrder: CrlRule = {
  id: "crl-time-order",
  severity: "error",
  source: "RFC 5280 5.1.2.5",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.thisUpdateMs >= tbs.nextUpdateMs) report("thisUpdate must be before nextUpdate");
  },
};
