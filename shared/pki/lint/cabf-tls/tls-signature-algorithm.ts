import { type CertificateRule, everyCertificate } from "../rule.ts";

const allowed = /^(ecdsa-with-SHA(256|384|512)|sha(256|384|512)WithRSAEncryption|RSASSA-PSS-SHA(256|384|512))$/;
const hashOf: Readonly<Record<string, string>> = {
  "P-256": "ecdsa-with-SHA256",
  "P-384": "ecdsa-with-SHA384",
  "P-521": "ecdsa-with-SHA512",
};

/** The encodings that relying parties take; ECDSA with the hash that fits the curve. */
export const tlsSignatureAlgorithm: CertificateRule = {
  id: "tls-signature-algorithm",
  severity: "error",
  source: "CA/B BR 7.1.3.2",
  set: "cabf-tls",
  appliesTo: everyCertificate,
  effective: "2023-09-15",
  check(tbs, report, { issuer, kind }) {
    const key = kind === "root" ? tbs.key : issuer?.key;
    const wanted = key && hashOf[key.algorithm];
    if (!allowed.test(tbs.signatureAlgorithm)) report(`${tbs.signatureAlgorithm} is not allowed`);
    else if (wanted !== undefined && tbs.signatureAlgorithm !== wanted)
      report(`a ${key?.algorithm} key signs with ${wanted}, not ${tbs.signatureAlgorithm}`);
  },
};
