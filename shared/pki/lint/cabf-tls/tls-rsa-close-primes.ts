import { isRsa, rsaPublicKey } from "../../rsa-public-key.ts";
import { hasClosePrimes } from "../../rsa-weakness.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** A modulus whose primes lie close together is factored by Fermat. */
export const tlsRsaClosePrimes: CertificateRule = {
  id: "tls-rsa-close-primes",
  severity: "error",
  source: "CA/B BR 6.1.1.3",
  set: "cabf-tls",
  appliesTo: everyCertificate,
  effective: "2022-11-15",
  check({ key }, report) {
    if (isRsa(key) && hasClosePrimes(rsaPublicKey(key).modulus))
      report("the primes of the RSA key lie too close together");
  },
};
