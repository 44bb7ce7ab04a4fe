import { sameBytes } from "#shared/kernel/bytes";
import { certIdHashes } from "../facts.ts";
import type { OcspRule } from "../rule.ts";

/** Hashes of this CA's name and key. */
export const ocspCertId: OcspRule = {
  id: "ocsp-cert-id",
  severity: "error",
  source: "RFC 6960 4.1.1",
  set: "pkix",
  appliesTo: ["ocsp"],
  effective: "2013-06-01",
  check({ responses }, report, { issuer }) {
    if (issuer === undefined) return;
    for (const { certId } of responses) {
      const own = certIdHashes(issuer, certId.hashAlgorithm);
      if (own === undefined) report(`CertID by ${certId.hashAlgorithm} is not served`);
      else if (!sameBytes(certId.issuerNameHash, own.name)) report("issuerNameHash is not that of the CA's name");
      else if (!sameBytes(certId.issuerKeyHash, own.key)) report("issuerKeyHash is not that of the CA's key");
    }
  },
};
