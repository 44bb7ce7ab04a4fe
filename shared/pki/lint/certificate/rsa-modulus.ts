import { isRsa, rsaPublicKey } from "../../rsa-public-key.ts";
import { smallFactor } from "../../rsa-weakness.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** A modulus with a small factor is no key. */
export const rsaModulus: CertificateRule = {
  id: "rsa-modulus",
  severity: "error",
  source: "CA/B BR 6.1.6",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2014-01-01",
  check({ key }, report) {
    if (!isRsa(key)) return;
    const factor = smallFactor(rsaPublicKey(key).modulus);
    if (factor !== undefined) report(`the RSA modulus is divisible by ${factor}`);
  },
};
