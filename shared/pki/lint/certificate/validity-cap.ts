import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** The profile caps the life of what it issues. */
export const validityCap: CertificateRule = {
  id: "validity-cap",
  severity: "error",
  source: "trstctl profile max_validity_seconds",
  set: "pkix",
  appliesTo: ["leaf"],
  effective: rfc5280Date,
  check(tbs, report, { maxValiditySeconds: cap }) {
    // The difference of the two times: what a profile's author writes, one second less than RFC 5280 4.1.2.5 counts.
    const seconds = (tbs.notAfterMs - tbs.notBeforeMs) / 1000;
    if (cap !== undefined && seconds > cap) report(`valid for ${seconds} seconds, at most ${cap} are allowed`);
  },
};
