import { oids } from "../../oids.ts";
import { isHttp } from "../http-url.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** A CRL that everybody can fetch. */
export const crlDistributionPoints: CertificateRule = {
  id: "crl-distribution-points",
  severity: "error",
  source: "RFC 5280 4.2.1.13",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (!tbs.extensions.has(oids.cRLDistributionPoints)) return;
    if (tbs.crlUrls.length === 0) report("cRLDistributionPoints names no URL");
    for (const url of tbs.crlUrls) if (!isHttp(url)) report(`cRLDistributionPoints: ${url} is not an http URL`);
  },
};
