import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** At most 20 octets. */
export const crlNumber: CrlRule = {
  id: "crl-number",
  severity: "error",
  source: "RFC 5280 5.2.3",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check({ number }, report) {
    if (number >= 1n << 159n) report("cRLNumber takes more than 20 octets");
  },
};
