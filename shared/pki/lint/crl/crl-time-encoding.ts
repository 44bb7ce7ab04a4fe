import { encodingOf } from "../../der/time.ts";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** UTCTime through 2049, GeneralizedTime from 2050. */
export const crlTimeEncoding: CrlRule = {
  id: "crl-time-encoding",
  severity: "error",
  source: "RFC 5280 5.1.2.4, 5.1.2.5",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.timeEncoding[0] !== encodingOf(tbs.thisUpdateMs))
      report(`thisUpdate must be ${encodingOf(tbs.thisUpdateMs)}`);
    if (tbs.timeEncoding[1] !== encodingOf(tbs.nextUpdateMs))
      report(`nextUpdate must be ${encodingOf(tbs.nextUpdateMs)}`);
  },
};
