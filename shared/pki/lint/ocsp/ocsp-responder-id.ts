import { sameBytes } from "#shared/kernel/bytes";
import { certIdHashes } from "../facts.ts";
import type { OcspRule } from "../rule.ts";

const none = new Uint8Array(0);

/** The hash of the key that signs. */
export const ocspResponderId: OcspRule = {
  id: "ocsp-responder-id",
  severity: "error",
  source: "RFC 6960 4.2.2.3",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ responderKeyHash }, report, { responder }) {
    if (responder !== undefined && !sameBytes(responderKeyHash, certIdHashes(responder, "sha1")?.key ?? none))
      report("responderID is not the hash of the responder's key");
  },
};
