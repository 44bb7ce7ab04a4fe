import { type CertificateRule, endEntities, rfc5280Date } from "../rule.ts";

/** A leaf says what it is for, and not everything; a responder is for nothing else. */
export const extendedKeyUsage: CertificateRule = {
  id: "extended-key-usage",
  severity: "error",
  source: "RFC 5280 4.2.1.12, CA/B BR 7.1.2.7.10",
  set: "pkix",
  appliesTo: endEntities,
  effective: rfc5280Date,
  check(tbs, report, { kind }) {
    const purposes = tbs.extKeyUsage;
    if (purposes === undefined) return report("an end entity must have an extKeyUsage");
    if (purposes.includes("anyExtendedKeyUsage")) report("anyExtendedKeyUsage is not allowed on an end entity");
    if (kind === "leaf" ? purposes.includes("OCSPSigning") : purposes.length !== 1 || purposes[0] !== "OCSPSigning")
      report("OCSPSigning must stand alone, on a responder");
  },
};
