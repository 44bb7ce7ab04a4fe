import type { OcspRule } from "../rule.ts";

/** A certificate that left a CRL is not revoked. */
export const ocspReason: OcspRule = {
  id: "ocsp-reason",
  severity: "error",
  source: "RFC 6960 4.2.1, RFC 5280 5.3.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ responses }, report) {
    for (const { status } of responses)
      if (status.type === "revoked" && status.reason === "removeFromCRL") report("removeFromCRL is not a reason here");
  },
};
