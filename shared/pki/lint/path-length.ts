import { isCa, type Rule, unless } from "./rule.ts";

/** Path length falls from CA to CA. */
export const pathLength: Rule = {
  code: "path-length",
  source: "RFC 5280 4.2.1.9",
  check: (tbs, { issuerCertificate: issuer }) => {
    const cap = issuer?.basicConstraints?.pathLen;
    if (cap === undefined || !isCa(tbs)) return [];
    if (cap === 0) return ["the issuing CA may not issue CA certificates (pathLenConstraint 0)"];
    const own = tbs.basicConstraints?.pathLen;
    return unless(own !== undefined && own < cap, `pathLenConstraint must be below ${cap}, that of the issuing CA`);
  },
};
