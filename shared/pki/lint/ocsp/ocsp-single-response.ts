import type { OcspRule } from "../rule.ts";

/** One certificate a response, so that it can be cached. */
export const ocspSingleResponse: OcspRule = {
  id: "ocsp-single-response",
  severity: "warning",
  source: "RFC 5019 2.2.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2007-09-01",
  check({ responses }, report) {
    if (responses.length !== 1) report(`${responses.length} certificates in one response`);
  },
};
