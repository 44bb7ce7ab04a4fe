import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Two letters. */
export const countryCode: CertificateRule = {
  id: "country-code",
  severity: "error",
  source: "RFC 5280 A.1, X.520 6.3.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const { type, value } of tbs.subject.flat())
      if (type === "C" && !/^[A-Z]{2}$/.test(value)) report(`subject C: ${JSON.stringify(value)} is no country code`);
  },
};
