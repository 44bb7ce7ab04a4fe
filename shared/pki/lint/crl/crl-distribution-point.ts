import { isHttp } from "../http-url.ts";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** The URL that stands in the certificates of the shard, which everybody can fetch. */
export const crlDistributionPoint: CrlRule = {
  id: "crl-distribution-point",
  severity: "error",
  source: "RFC 5280 5.2.5",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check({ idpUrl }, report) {
    if (idpUrl !== undefined && !isHttp(idpUrl)) report(`issuingDistributionPoint: ${idpUrl} is not an http URL`);
  },
};
