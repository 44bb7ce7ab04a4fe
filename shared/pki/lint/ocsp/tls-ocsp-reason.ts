import type { OcspRule } from "../rule.ts";

const allowed: ReadonlySet<string> = new Set([
  "unspecified",
  "keyCompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "privilegeWithdrawn",
]);

/** As in the CRL. */
export const tlsOcspReason: OcspRule = {
  id: "tls-ocsp-reason",
  severity: "error",
  source: "CA/B BR 7.3.2, 7.2.2",
  set: "cabf-tls",
  appliesTo: ["ocsp"],
  effective: "2023-07-15",
  check({ responses }, report) {
    for (const { status } of responses)
      if (status.type === "revoked" && !allowed.has(status.reason)) report(`reason ${status.reason} is not allowed`);
  },
};
