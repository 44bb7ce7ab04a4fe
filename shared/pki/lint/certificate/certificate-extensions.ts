import { oidName, oids } from "../../oids.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const elsewhere: ReadonlySet<string> = new Set([
  oids.cRLNumber,
  oids.reasonCode,
  oids.invalidityDate,
  oids.deltaCRLIndicator,
  oids.issuingDistributionPoint,
  oids.certificateIssuer,
  oids.ocspNonce,
]);

/** Extensions of CRLs and OCSP have no place in a certificate. */
export const certificateExtensions: CertificateRule = {
  id: "certificate-extensions",
  severity: "error",
  source: "RFC 5280 4.2, 5.2, 5.3, RFC 6960 4.4",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const dotted of tbs.extensions.keys())
      if (elsewhere.has(dotted)) report(`${oidName(dotted)} in a certificate`);
  },
};
