import { hex } from "#shared/kernel/bytes";
import { oids } from "../../oids.ts";
import type { CertificateRule } from "../rule.ts";

/** Who checked a responder by OCSP would ask that responder. */
export const ocspNoCheck: CertificateRule = {
  id: "ocsp-no-check",
  severity: "error",
  source: "RFC 6960 4.2.2.2.1",
  set: "pkix",
  appliesTo: ["ocsp-responder"],
  effective: "2013-06-01",
  check(tbs, report) {
    const found = tbs.extensions.get(oids.ocspNoCheck);
    if (found === undefined) report("id-pkix-ocsp-nocheck is missing");
    else if (hex(found.value) !== "0500") report("id-pkix-ocsp-nocheck must be NULL");
  },
};
