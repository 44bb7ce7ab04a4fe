import { generalNameText } from "../../general-name.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** A name that comes twice is a mistake. */
export const sanUnique: CertificateRule = {
  id: "san-unique",
  severity: "warning",
  source: "RFC 5280 4.2.1.6",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ sans }, report) {
    if (new Set(sans.map(generalNameText)).size !== sans.length) report("a name comes twice in subjectAltName");
  },
};
