import { day } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

/** notBefore is at most 48 hours before the signature. */
export const tlsBackdating: CertificateRule = {
  id: "tls-backdating",
  severity: "error",
  source: "CA/B BR 7.1.2.7",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check(tbs, report, { nowMs }) {
    if (nowMs !== undefined && nowMs - tbs.notBeforeMs > 2 * day * 1000)
      report("notBefore is more than 48 hours before the signature");
  },
};
