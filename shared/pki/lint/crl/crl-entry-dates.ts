import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** Nothing is listed before it was revoked; a warning, because a clock that was set back must not stop revocation. */
export const crlEntryDates: CrlRule = {
  id: "crl-entry-dates",
  severity: "warning",
  source: "RFC 5280 5.1.2.6",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check({ entries, thisUpdateMs }, report) {
    const early = entries.find(({ revokedAtMs }) => revokedAtMs > thisUpdateMs);
    if (early !== undefined) report(`serial ${early.serialHex} is revoked after thisUpdate`);
  },
};
