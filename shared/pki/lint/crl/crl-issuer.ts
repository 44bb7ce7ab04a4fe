import { sameBytes } from "#shared/kernel/bytes";
import { type CrlRule, everyCrl, rfc5280Date } from "../rule.ts";

/** Issued by the CA itself, under its name. */
export const crlIssuer: CrlRule = {
  id: "crl-issuer",
  severity: "error",
  source: "RFC 5280 5.1.2.3",
  set: "pkix",
  appliesTo: everyCrl,
  effective: rfc5280Date,
  check(tbs, report, { issuer }) {
    if (tbs.issuer.length === 0) report("issuer must not be empty");
    else if (issuer !== undefined && !sameBytes(tbs.issuerDer, issuer.subjectDer))
      report("issuer is not the subject of the CA");
  },
};
