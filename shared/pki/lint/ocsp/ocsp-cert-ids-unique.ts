import { hex } from "#shared/kernel/bytes";
import type { OcspRule } from "../rule.ts";

/** One answer for each certificate. */
export const ocspCertIdsUnique: OcspRule = {
  id: "ocsp-cert-ids-unique",
  severity: "error",
  source: "RFC 6960 4.2.2.3",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ responses }, report) {
    if (responses.length < 2) return;
    if (new Set(responses.map(({ certId }) => hex(certId.der))).size !== responses.length)
      report("a certificate is answered for twice");
  },
};
