import { day, validitySeconds } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

const longest: readonly { readonly from: number; readonly days: number }[] = [
  { from: Date.UTC(2029, 2, 15), days: 47 },
  { from: Date.UTC(2027, 2, 15), days: 100 },
  { from: Date.UTC(2026, 2, 15), days: 200 },
  { from: Date.UTC(2020, 8, 1), days: 398 },
];

/** The longest life of a subscriber certificate, as it falls: 398, 200, 100, 47 days. */
export const tlsValidity: CertificateRule = {
  id: "tls-validity",
  severity: "error",
  source: "CA/B BR 6.3.2",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2020-09-01",
  check(tbs, report) {
    const row = longest.find(({ from }) => tbs.notBeforeMs >= from);
    if (row !== undefined && validitySeconds(tbs) > row.days * day)
      report(`valid for ${validitySeconds(tbs)} seconds, at most ${row.days} days are allowed`);
  },
};
