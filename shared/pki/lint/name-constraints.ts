import { isCa, type Rule, unless } from "./rule.ts";

/** Constraints bind what is below; a leaf has nothing below. */
export const nameConstraints: Rule = {
  code: "name-constraints",
  source: "RFC 5280 4.2.1.10",
  check: (tbs) => unless(isCa(tbs) || tbs.nameConstraints === undefined, "nameConstraints only on a CA"),
};
