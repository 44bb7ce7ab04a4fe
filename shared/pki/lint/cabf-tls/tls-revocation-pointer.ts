import { day, validitySeconds } from "../facts.ts";
import type { CertificateRule } from "../rule.ts";

/** A certificate that lives longer than a few days says where its revocation is told. */
export const tlsRevocationPointer: CertificateRule = {
  id: "tls-revocation-pointer",
  severity: "error",
  source: "CA/B BR 7.1.2.11.2",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2024-03-15",
  check(tbs, report) {
    const short = tbs.notBeforeMs >= Date.UTC(2026, 2, 15) ? 7 : 10;
    if (tbs.crlUrls.length === 0 && tbs.ocspUrls.length === 0 && validitySeconds(tbs) > short * day)
      report(`neither CRL nor OCSP is named, and it lives longer than ${short} days`);
  },
};
