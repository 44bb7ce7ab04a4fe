import type { OcspRule } from "../rule.ts";

/** A responder whose certificate is over is believed by nobody. */
export const ocspResponderValid: OcspRule = {
  id: "ocsp-responder-valid",
  severity: "error",
  source: "RFC 6960 4.2.2.2",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ producedAtMs }, report, { responder }) {
    // Before its begin: a clock that was set back. What is revoked must be told all the same.
    if (responder !== undefined && producedAtMs > responder.notAfterMs)
      report("producedAt is after the end of the responder's certificate");
  },
};
