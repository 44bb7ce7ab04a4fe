import { sameBytes } from "#shared/kernel/bytes";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** Names the key that signs it, and is not critical. */
export const crlAuthorityKeyIdentifier: CrlRule = {
  id: "crl-authority-key-identifier",
  severity: "error",
  source: "RFC 5280 5.2.1",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    if (tbs.aki === undefined) report("authorityKeyIdentifier with keyIdentifier is missing");
    else if (issuer?.ski !== undefined && !sameBytes(tbs.aki, issuer.ski))
      report("authorityKeyIdentifier is not the key of the CA");
  },
};
