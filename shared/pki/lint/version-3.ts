import { type Rule, unless } from "./rule.ts";

/** Extensions need version 3. */
export const version3: Rule = {
  code: "version-3",
  source: "RFC 5280 4.1.2.1",
  check: (tbs) => unless(tbs.version === 3, `version is ${tbs.version}, must be 3`),
};
