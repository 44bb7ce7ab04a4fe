import { commonNames } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

/** At most one, and it is one of the names, character by character. */
export const tlsCommonName: CertificateRule = {
  id: "tls-common-name",
  severity: "error",
  source: "CA/B BR 7.1.4.3",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check(tbs, report) {
    const names = commonNames(tbs);
    if (names.length > 1) report("more than one common name");
    for (const text of names)
      if (!tbs.sans.some((name) => name.type !== "other" && name.value === text))
        report(`common name ${JSON.stringify(text)} is not exactly one of the names`);
  },
};
