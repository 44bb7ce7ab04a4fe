import { sameBytes } from "#shared/kernel/bytes";
import { isCa, type Rule, unless } from "./rule.ts";

/** Names chain octet by octet, to a CA. */
export const issuerName: Rule = {
  code: "issuer-name",
  source: "RFC 5280 4.1.2.4, 6.1.3",
  check: (tbs, { issuerCertificate: issuer }) => {
    if (issuer === undefined) return [];
    return [
      ...unless(sameBytes(tbs.issuerDer, issuer.subjectDer), "issuer is not the subject of the issuing CA"),
      ...unless(isCa(issuer), "the issuing certificate is not a CA"),
    ];
  },
};
