import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Our CAs sign their own CRLs, and nobody else does. */
export const crlSign: CertificateRule = {
  id: "crl-sign",
  severity: "error",
  source: "RFC 5280 4.2.1.3, 5.1.1.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ keyUsage }, report, { kind }) {
    if (keyUsage === undefined) return; // said by key-usage
    const ca = kind === "root" || kind === "issuing-ca";
    if (ca && !keyUsage.includes("cRLSign")) report("a CA that publishes CRLs needs cRLSign");
    if (!ca && keyUsage.includes("cRLSign")) report("cRLSign on an end entity");
  },
};
