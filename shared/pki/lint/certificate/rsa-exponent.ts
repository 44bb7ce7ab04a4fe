import { isRsa, rsaPublicKey } from "../../rsa-public-key.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** A small exponent makes faults of padding into forgeries. */
export const rsaExponent: CertificateRule = {
  id: "rsa-exponent",
  severity: "error",
  source: "CA/B BR 6.1.6, NIST FIPS 186-5 5.1",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2014-01-01",
  check({ key }, report) {
    if (!isRsa(key)) return;
    const { exponent } = rsaPublicKey(key);
    if (exponent < 65_537n || exponent % 2n === 0n)
      report(`RSA exponent ${exponent}; odd and at least 65537 is required`);
  },
};
