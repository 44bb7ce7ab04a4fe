import { hasPurpose, isCa, type Rule, unless } from "./rule.ts";

/** A leaf says what it is for; a responder is for nothing else. */
export const extendedKeyUsage: Rule = {
  code: "extended-key-usage",
  source: "RFC 5280 4.2.1.12, CA/B BR 7.1.2.7.10",
  check: (tbs) => {
    const ocspWithOther = hasPurpose(tbs, "OCSPSigning") && tbs.extKeyUsage?.length !== 1;
    return [
      ...unless(isCa(tbs) || tbs.extKeyUsage !== undefined, "a leaf must have an extKeyUsage"),
      ...unless(isCa(tbs) || !hasPurpose(tbs, "anyExtendedKeyUsage"), "anyExtendedKeyUsage is not allowed on a leaf"),
      ...unless(isCa(tbs) || !ocspWithOther, "OCSPSigning must stand alone"),
    ];
  },
};
