import type { CertificateRule } from "../rule.ts";

/** A wildcard stands for one label below a domain that somebody can own. */
export const tlsWildcards: CertificateRule = {
  id: "tls-wildcards",
  severity: "error",
  source: "CA/B BR 3.2.2.6",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2012-07-01",
  check({ sans }, report) {
    for (const name of sans)
      if (name.type === "dns" && name.value.startsWith("*.") && name.value.split(".").length < 3)
        report(`dns:${name.value} covers a whole top-level domain`);
  },
};
