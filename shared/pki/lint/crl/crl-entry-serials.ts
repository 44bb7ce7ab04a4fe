import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** Only numbers that a certificate can have. */
export const crlEntrySerials: CrlRule = {
  id: "crl-entry-serials",
  severity: "error",
  source: "RFC 5280 4.1.2.2, 5.1.2.6",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check({ entries }, report) {
    const bad = entries.find(({ serialHex }) => /^0+$/.test(serialHex) || serialHex.length > 40);
    if (bad !== undefined) report(`${bad.serialHex} is no serial number of a certificate`);
  },
};
