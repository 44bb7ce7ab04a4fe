import { day, validitySeconds } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

/** 2922 to 9132 days. */
export const tlsRootValidity: CertificateRule = {
  id: "tls-root-validity",
  severity: "error",
  source: "CA/B BR 7.1.2.1.1",
  set: "cabf-tls",
  appliesTo: ["root"],
  effective: "2023-09-15",
  check(tbs, report) {
    const days = validitySeconds(tbs) / day;
    if (days < 2922 || days > 9132) report(`valid for ${Math.round(days)} days; 2922 to 9132 are allowed`);
  },
};
