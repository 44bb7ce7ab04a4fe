import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** encipherOnly and decipherOnly mean nothing without keyAgreement. */
export const agreementOnlyBits: CertificateRule = {
  id: "agreement-only-bits",
  severity: "error",
  source: "RFC 5280 4.2.1.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ keyUsage = [] }, report) {
    if (keyUsage.includes("keyAgreement")) return;
    for (const bit of ["encipherOnly", "decipherOnly"])
      if (keyUsage.includes(bit)) report(`keyUsage ${bit} without keyAgreement`);
  },
};
