import { isCa } from "../facts.ts";
import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** An OCSP responder is an end entity. */
export const responderNoCa: CertificateRule = {
  id: "responder-no-ca",
  severity: "error",
  source: "RFC 6960 4.2.2.2",
  set: "pkix",
  appliesTo: ["ocsp-responder"],
  effective: rfc5280Date,
  check(tbs, report) {
    if (isCa(tbs)) report("a delegated OCSP responder must not be a CA");
  },
};
