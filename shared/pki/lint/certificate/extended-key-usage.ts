import { type CertificateKind, type CertificateRule, endEntities, rfc5280Date } from "../rule.ts";

/** Alone, on the certificate of a delegate of this kind, and on no other. */
const delegates: Readonly<Partial<Record<CertificateKind, readonly [usage: string, who: string]>>> = {
  "ocsp-responder": ["OCSPSigning", "a responder"],
  ra: ["cmcRA", "an RA"],
};

/** A leaf says what it is for, and not everything; a delegate is for nothing else. */
export const extendedKeyUsage: CertificateRule = {
  id: "extended-key-usage",
  severity: "error",
  source: "RFC 5280 4.2.1.12, RFC 6402 2.10, CA/B BR 7.1.2.7.10",
  set: "pkix",
  appliesTo: endEntities,
  effective: rfc5280Date,
  check(tbs, report, { kind }) {
    const purposes = tbs.extKeyUsage;
    if (purposes === undefined) return report("an end entity must have an extKeyUsage");
    if (purposes.includes("anyExtendedKeyUsage")) report("anyExtendedKeyUsage is not allowed on an end entity");
    const misplaced = Object.entries(delegates).find(([delegate, [usage]]) =>
      kind === delegate ? purposes.length !== 1 || purposes[0] !== usage : purposes.includes(usage),
    );
    if (misplaced !== undefined) report(`${misplaced[1][0]} must stand alone, on ${misplaced[1][1]}`);
  },
};
