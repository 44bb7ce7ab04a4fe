import { signatureAlgorithms } from "#shared/crypto/signature";
import { canSign } from "../key.ts";
import { type Rule, unless } from "./rule.ts";

/** Only algorithms of our table (none with SHA-1 or MD5), of the kind of the issuing key. */
export const signatureAlgorithm: Rule = {
  code: "signature-algorithm",
  source: "CA/B BR 7.1.3.2",
  check: (tbs, { issuerCertificate: issuer }) => {
    if (!Object.hasOwn(signatureAlgorithms, tbs.signatureAlgorithm))
      return [`signature algorithm ${tbs.signatureAlgorithm} is not allowed`];
    return unless(
      issuer === undefined || canSign(issuer.key, tbs.signatureAlgorithm),
      `the issuing key cannot sign with ${tbs.signatureAlgorithm}`,
    );
  },
};
