import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** Path length falls from CA to CA. */
export const pathLength: CertificateRule = {
  id: "path-length",
  severity: "error",
  source: "RFC 5280 4.2.1.9",
  set: "pkix",
  appliesTo: ["issuing-ca"],
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    const cap = issuer?.basicConstraints?.pathLen;
    if (cap === undefined) return;
    const own = tbs.basicConstraints?.pathLen;
    if (cap === 0) report("the issuing CA may not issue CA certificates (pathLenConstraint 0)");
    else if (own === undefined || own >= cap) report(`pathLenConstraint must be below ${cap}, that of the issuing CA`);
  },
};
