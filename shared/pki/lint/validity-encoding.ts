import { type Rule, unless } from "./rule.ts";

const year2050 = Date.UTC(2050, 0, 1);

/** UTCTime through 2049, GeneralizedTime from 2050. */
export const validityEncoding: Rule = {
  code: "validity-encoding",
  source: "RFC 5280 4.1.2.5",
  check: (tbs) => {
    const expected = (ms: number) => (ms < year2050 ? "UTCTime" : "GeneralizedTime");
    return [
      ...unless(tbs.timeEncoding[0] === expected(tbs.notBeforeMs), `notBefore must be ${expected(tbs.notBeforeMs)}`),
      ...unless(tbs.timeEncoding[1] === expected(tbs.notAfterMs), `notAfter must be ${expected(tbs.notAfterMs)}`),
    ];
  },
};
