import { sameBytes } from "#shared/kernel/bytes";
import { oids } from "../oids.ts";
import { type Rule, unless } from "./rule.ts";

/** Present unless self-issued, not critical, and naming the key of the issuer. */
export const authorityKeyIdentifier: Rule = {
  code: "authority-key-identifier",
  source: "RFC 5280 4.2.1.1",
  check: (tbs, { issuerCertificate: issuer }) => {
    const selfIssued = sameBytes(tbs.issuerDer, tbs.subjectDer);
    const mismatch = tbs.aki !== undefined && issuer?.ski !== undefined && !sameBytes(tbs.aki, issuer.ski);
    return [
      ...unless(selfIssued || tbs.aki !== undefined, "authorityKeyIdentifier with keyIdentifier is missing"),
      ...unless(!mismatch, "authorityKeyIdentifier is not the key of the issuing CA"),
      ...unless(
        tbs.extensions.get(oids.authorityKeyIdentifier)?.critical !== true,
        "authorityKeyIdentifier must not be critical",
      ),
    ];
  },
};
