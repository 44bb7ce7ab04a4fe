import { sameBytes } from "#shared/kernel/bytes";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Present unless it signs itself, and naming the key of the issuer. */
export const authorityKeyIdentifier: CertificateRule = {
  id: "authority-key-identifier",
  severity: "error",
  source: "RFC 5280 4.2.1.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report, { issuer, kind }) {
    if (tbs.aki === undefined) {
      if (kind !== "root") report("authorityKeyIdentifier with keyIdentifier is missing");
      return;
    }
    const expected = kind === "root" ? tbs.ski : issuer?.ski;
    if (expected !== undefined && !sameBytes(tbs.aki, expected))
      report("authorityKeyIdentifier is not the key of the issuing CA");
  },
};
