import { sameBytes } from "#shared/kernel/bytes";
import { isCa } from "../facts.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** Names chain octet by octet, to a CA; a root names itself. */
export const issuerName: CertificateRule = {
  id: "issuer-name",
  severity: "error",
  source: "RFC 5280 4.1.2.4, 6.1.3",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report, { issuer, kind }) {
    if (kind === "root") {
      if (!sameBytes(tbs.issuerDer, tbs.subjectDer)) report("issuer and subject of a root must be the same name");
      return;
    }
    if (issuer === undefined) return;
    if (!sameBytes(tbs.issuerDer, issuer.subjectDer)) report("issuer is not the subject of the issuing CA");
    if (!isCa(issuer)) report("the issuing certificate is not a CA");
  },
};
