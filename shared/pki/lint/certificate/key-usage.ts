import { criticality } from "../facts.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Present and critical; keyCertSign exactly on CAs. */
export const keyUsage: CertificateRule = {
  id: "key-usage",
  severity: "error",
  source: "RFC 5280 4.2.1.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report, { kind }) {
    if (tbs.keyUsage === undefined) return report("keyUsage is missing");
    const signsCertificates = tbs.keyUsage.includes("keyCertSign");
    const ca = kind === "root" || kind === "issuing-ca";
    if (ca && !signsCertificates) report("a CA needs keyCertSign");
    if (!ca && signsCertificates) report("keyCertSign without cA");
    if (criticality(tbs, "keyUsage") !== true) report("keyUsage must be critical");
  },
};
