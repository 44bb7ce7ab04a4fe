import type { OcspRule } from "../rule.ts";

/** 1 to 128 octets. */
export const ocspNonce: OcspRule = {
  id: "ocsp-nonce",
  severity: "error",
  source: "RFC 9654 2.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2024-08-01",
  check({ nonce }, report) {
    if (nonce !== undefined && (nonce.length < 1 || nonce.length > 128)) report(`nonce of ${nonce.length} octets`);
  },
};
