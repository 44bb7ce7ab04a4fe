import { isCa, type Rule, unless } from "./rule.ts";

/** Chains are built by name. */
export const caSubject: Rule = {
  code: "ca-subject",
  source: "RFC 5280 4.1.2.4, 4.1.2.6",
  check: (tbs) => [
    ...unless(tbs.issuer.length > 0, "issuer must not be empty"),
    ...unless(!isCa(tbs) || tbs.subject.length > 0, "subject of a CA must not be empty"),
  ],
};
