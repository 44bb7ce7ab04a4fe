import type { OcspRule } from "../rule.ts";

/** Nothing is revoked in the future; a warning, because a clock that was set back must not silence a revocation. */
export const ocspRevocationTime: OcspRule = {
  id: "ocsp-revocation-time",
  severity: "warning",
  source: "RFC 6960 4.2.2.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ responses, producedAtMs }, report) {
    for (const { status } of responses)
      if (status.type === "revoked" && status.atMs > producedAtMs) report("revocationTime is after producedAt");
  },
};
