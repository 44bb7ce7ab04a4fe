import type { OcspRule } from "../rule.ts";

/** thisUpdate, then producedAt, then nextUpdate. */
export const ocspTimes: OcspRule = {
  id: "ocsp-times",
  severity: "error",
  source: "RFC 6960 2.4, RFC 5019 2.2.4",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ producedAtMs, responses }, report) {
    for (const { thisUpdateMs, nextUpdateMs } of responses) {
      if (thisUpdateMs > producedAtMs) report("thisUpdate is after producedAt");
      if (nextUpdateMs <= thisUpdateMs) report("nextUpdate must be after thisUpdate");
      else if (nextUpdateMs < producedAtMs) report("nextUpdate is before producedAt");
    }
  },
};
