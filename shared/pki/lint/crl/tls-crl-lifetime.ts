import { day } from "../facts.ts";
import type { CrlRule } from "../rule.ts";

/** At most ten days for the CRL of subscriber certificates. */
export const tlsCrlLifetime: CrlRule = {
  id: "tls-crl-lifetime",
  severity: "error",
  source: "CA/B BR 4.9.7, 7.2",
  set: "cabf-tls",
  appliesTo: ["crl", "delta-crl"],
  effective: "2023-07-15",
  check({ thisUpdateMs, nextUpdateMs }, report) {
    if (nextUpdateMs - thisUpdateMs > 10 * day * 1000) report("nextUpdate is more than 10 days after thisUpdate");
  },
};
