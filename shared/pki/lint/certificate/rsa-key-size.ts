import { isRsa } from "../../rsa-public-key.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** RSA keys of at least 2048 bits, whole octets. */
export const rsaKeySize: CertificateRule = {
  id: "rsa-key-size",
  severity: "error",
  source: "CA/B BR 6.1.5, NIST SP 800-131A",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2014-01-01",
  check({ key }, report) {
    if (!isRsa(key)) return;
    if (key.bits < 2048) report(`RSA key of ${key.bits} bits; at least 2048 are required`);
    if (key.bits % 8 !== 0) report(`RSA key of ${key.bits} bits; must be a multiple of 8`);
  },
};
