import { isRsa, rsaPublicKey } from "../../rsa-public-key.ts";
import { hasRocaForm } from "../../rsa-weakness.ts";
import { type CertificateRule, everyCertificate } from "../rule.ts";

/** Keys of a chip library whose primes have a known form (CVE-2017-15361) can be factored. */
export const rsaRoca: CertificateRule = {
  id: "rsa-roca",
  severity: "error",
  source: "CA/B BR 6.1.1.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: "2017-10-16",
  check({ key }, report) {
    if (isRsa(key) && hasRocaForm(rsaPublicKey(key).modulus))
      report("the RSA key has the form of ROCA (CVE-2017-15361)");
  },
};
