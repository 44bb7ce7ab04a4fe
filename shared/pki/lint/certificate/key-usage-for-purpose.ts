import { type CertificateRule, endEntities, rfc5280Date } from "../rule.ts";

const agreement = ["keyAgreement", "encipherOnly", "decipherOnly"];
const usesOf: Readonly<Record<string, readonly string[]>> = {
  serverAuth: ["digitalSignature", "keyEncipherment", ...agreement],
  clientAuth: ["digitalSignature", ...agreement],
  codeSigning: ["digitalSignature"],
  emailProtection: ["digitalSignature", "contentCommitment", "keyEncipherment", ...agreement],
  timeStamping: ["digitalSignature", "contentCommitment"],
  OCSPSigning: ["digitalSignature", "contentCommitment"],
  cmcRA: ["digitalSignature", "contentCommitment", "keyEncipherment"],
};
const listed: ReadonlySet<string> = new Set(Object.values(usesOf).flat());

/** Every purpose has a use that serves it, and no use is without a purpose. */
export const keyUsageForPurpose: CertificateRule = {
  id: "key-usage-for-purpose",
  severity: "error",
  source: "RFC 5280 4.2.1.12",
  set: "pkix",
  appliesTo: endEntities,
  effective: rfc5280Date,
  check({ keyUsage = [], extKeyUsage = [] }, report) {
    if (!extKeyUsage.every((purpose) => Object.hasOwn(usesOf, purpose))) return;
    for (const purpose of extKeyUsage)
      if (keyUsage.length > 0 && !keyUsage.some((use) => usesOf[purpose]?.includes(use)))
        report(`keyUsage ${keyUsage.join(", ")} does not serve ${purpose}`);
    for (const use of keyUsage)
      if (extKeyUsage.length > 0 && listed.has(use) && !extKeyUsage.some((purpose) => usesOf[purpose]?.includes(use)))
        report(`keyUsage ${use} serves none of ${extKeyUsage.join(", ")}`);
  },
};
