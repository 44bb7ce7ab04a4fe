import { type CertificateRule, everyCertificate } from "../rule.ts";

/** RSA, P-256, P-384 or P-521. */
export const tlsKeyAlgorithm: CertificateRule = {
  id: "tls-key-algorithm",
  severity: "error",
  source: "CA/B BR 6.1.5, 7.1.3.1",
  set: "cabf-tls",
  appliesTo: everyCertificate,
  effective: "2023-09-15",
  check({ key }, report) {
    if (!["RSA", "P-256", "P-384", "P-521"].includes(key.algorithm)) report(`${key.algorithm} keys are not allowed`);
  },
};
