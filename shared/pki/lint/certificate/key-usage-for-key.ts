import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const signing: ReadonlySet<string> = new Set(["digitalSignature", "contentCommitment", "keyCertSign", "cRLSign"]);
const agreeing: ReadonlySet<string> = new Set([...signing, "keyAgreement", "encipherOnly", "decipherOnly"]);
const encrypting: ReadonlySet<string> = new Set([...signing, "keyEncipherment", "dataEncipherment"]);

/** What is not listed only signs: Ed25519, ML-DSA, SLH-DSA, RSA-PSS. */
const allowedBy: Readonly<Record<string, ReadonlySet<string>>> = {
  RSA: encrypting,
  "P-256": agreeing,
  "P-384": agreeing,
  "P-521": agreeing,
};

/** No use that the key cannot serve. */
export const keyUsageForKey: CertificateRule = {
  id: "key-usage-for-key",
  severity: "error",
  source: "RFC 3279 2.3.1, RFC 8813 3, RFC 9295 3, RFC 9881 5, RFC 9909 6",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    const allowed = allowedBy[tbs.key.algorithm] ?? signing;
    for (const usage of tbs.keyUsage ?? [])
      if (!allowed.has(usage)) report(`keyUsage ${usage} is not for a key of type ${tbs.key.algorithm}`);
  },
};
