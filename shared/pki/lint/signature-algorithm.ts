import { signatureAlgorithms } from "#shared/crypto/signature";
import { keyTypes } from "../key.ts";
import { type Rule, unless } from "./rule.ts";

/** Only algorithms of our table (none with SHA-1 or MD5), of the kind of the issuing key. */
export const signatureAlgorithm: Rule = {
  code: "signature-algorithm",
  source: "CA/B BR 7.1.3.2",
  check: (tbs, { issuerCertificate: issuer }) => {
    const row = Object.hasOwn(signatureAlgorithms, tbs.signatureAlgorithm)
      ? signatureAlgorithms[tbs.signatureAlgorithm]
      : undefined;
    if (row === undefined) return [`signature algorithm ${tbs.signatureAlgorithm} is not allowed`];
    const wanted = issuer && keyTypes[issuer.key.algorithm];
    return unless(
      wanted === undefined || wanted === row.keyType,
      `the issuing key cannot sign with ${tbs.signatureAlgorithm}`,
    );
  },
};
