import { type Rule, unless } from "./rule.ts";

/** The profile caps the life of what it issues. */
export const validityCap: Rule = {
  code: "validity-cap",
  source: "trstctl profile max_validity",
  check: (tbs, { maxValiditySeconds: cap }) => {
    // The difference of the two times: what a profile's author writes, one second less than RFC 5280 4.1.2.5 counts.
    const seconds = (tbs.notAfterMs - tbs.notBeforeMs) / 1000;
    return unless(cap === undefined || seconds <= cap, `valid for ${seconds} seconds, at most ${cap} are allowed`);
  },
};
