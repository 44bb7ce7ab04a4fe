import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Extensions need version 3. */
export const version3: CertificateRule = {
  id: "version-3",
  severity: "error",
  source: "RFC 5280 4.1.2.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.version !== 3) report(`version is ${tbs.version}, must be 3`);
  },
};
