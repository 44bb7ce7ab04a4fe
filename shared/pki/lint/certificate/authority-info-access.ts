import { oids } from "../../oids.ts";
import { isHttp } from "../http-url.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** OCSP and the issuing certificate by plain HTTP: fetching them must need no other certificate. */
export const authorityInfoAccess: CertificateRule = {
  id: "authority-info-access",
  severity: "error",
  source: "RFC 5280 4.2.2.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    if (!tbs.extensions.has(oids.authorityInfoAccess)) return;
    const urls = [...tbs.ocspUrls, ...tbs.caIssuersUrls];
    if (urls.length === 0) report("authorityInfoAccess names neither OCSP nor caIssuers");
    for (const url of urls) if (!isHttp(url)) report(`authorityInfoAccess: ${url} is not an http URL`);
  },
};
