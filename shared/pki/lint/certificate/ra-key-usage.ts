import type { CertificateRule } from "../rule.ts";

const uses = ["digitalSignature", "keyEncipherment"];

/** An RA of one certificate signs with it, and requests are encrypted to it. */
export const raKeyUsage: CertificateRule = {
  id: "ra-key-usage",
  severity: "error",
  source: "RFC 8894 2.1.2, RFC 5280 4.2.1.3",
  set: "pkix",
  appliesTo: ["ra"],
  effective: "2020-09-01",
  check({ keyUsage = [] }, report) {
    if (keyUsage.length !== uses.length || !uses.every((use) => (keyUsage as readonly string[]).includes(use)))
      report(`an RA needs ${uses.join(" and ")}, and nothing else`);
  },
};
