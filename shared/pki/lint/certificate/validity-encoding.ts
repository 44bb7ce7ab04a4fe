import { encodingOf } from "../../der/time.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** UTCTime through 2049, GeneralizedTime from 2050. */
export const validityEncoding: CertificateRule = {
  id: "validity-encoding",
  severity: "error",
  source: "RFC 5280 4.1.2.5",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (tbs.timeEncoding[0] !== encodingOf(tbs.notBeforeMs)) report(`notBefore must be ${encodingOf(tbs.notBeforeMs)}`);
    if (tbs.timeEncoding[1] !== encodingOf(tbs.notAfterMs)) report(`notAfter must be ${encodingOf(tbs.notAfterMs)}`);
  },
};
