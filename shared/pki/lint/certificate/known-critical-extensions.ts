import { extensionOids, oidName } from "../../oids.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const known: ReadonlySet<string> = new Set(Object.values(extensionOids));

/** Nothing critical that a verifier of ours would not know. */
export const knownCriticalExtensions: CertificateRule = {
  id: "known-critical-extensions",
  severity: "error",
  source: "RFC 5280 4.2",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const [dotted, { critical }] of tbs.extensions)
      if (critical && !known.has(dotted)) report(`critical extension ${oidName(dotted)} is not one that we issue`);
  },
};
