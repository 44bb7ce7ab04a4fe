import type { OcspRule } from "../rule.ts";

/** Eight hours to ten days. */
export const tlsOcspLifetime: OcspRule = {
  id: "tls-ocsp-lifetime",
  severity: "error",
  source: "CA/B BR 4.9.10",
  set: "cabf-tls",
  appliesTo: ["ocsp"],
  effective: "2020-09-30",
  check({ responses }, report) {
    for (const { thisUpdateMs, nextUpdateMs } of responses) {
      const hours = (nextUpdateMs - thisUpdateMs) / 3_600_000;
      if (hours < 8 || hours > 240) report(`a validity interval of ${hours} hours; 8 to 240 are allowed`);
    }
  },
};
