import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** A purpose that comes twice is a mistake of whoever wrote the profile. */
export const extendedKeyUsageUnique: CertificateRule = {
  id: "extended-key-usage-unique",
  severity: "error",
  source: "RFC 5280 4.2.1.12",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ extKeyUsage = [] }, report) {
    if (new Set(extKeyUsage).size !== extKeyUsage.length) report("a purpose comes twice in extKeyUsage");
  },
};
