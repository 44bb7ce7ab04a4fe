import { oids } from "../../oids.ts";
import { isPublicHost } from "../public-host.ts";
import type { CertificateRule } from "../rule.ts";

/** Tells where OCSP or the issuing certificate is, at a host that everybody reaches. */
export const tlsAuthorityInfoAccess: CertificateRule = {
  id: "tls-authority-info-access",
  severity: "error",
  source: "CA/B BR 7.1.2.7.7",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check(tbs, report) {
    if (!tbs.extensions.has(oids.authorityInfoAccess)) return report("authorityInfoAccess is missing");
    for (const url of [...tbs.ocspUrls, ...tbs.caIssuersUrls])
      if (!isPublicHost(url)) report(`authorityInfoAccess: ${url} is not reachable from everywhere`);
  },
};
