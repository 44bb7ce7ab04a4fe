import { oidName, oids } from "../../oids.ts";
import type { CertificateRule } from "../rule.ts";

const listed: ReadonlySet<string> = new Set([
  oids.authorityInfoAccess,
  oids.authorityKeyIdentifier,
  oids.certificatePolicies,
  oids.extKeyUsage,
  oids.subjectAltName,
  oids.keyUsage,
  oids.basicConstraints,
  oids.cRLDistributionPoints,
  oids.subjectKeyIdentifier,
  oids.tlsFeature,
]);

/** Nothing beside the extensions that the profile of the rules lists. */
export const tlsExtensions: CertificateRule = {
  id: "tls-extensions",
  severity: "error",
  source: "CA/B BR 7.1.2.7.6",
  set: "cabf-tls",
  appliesTo: ["leaf"],
  effective: "2023-09-15",
  check(tbs, report) {
    for (const dotted of tbs.extensions.keys())
      if (!listed.has(dotted)) report(`extension ${oidName(dotted)} is not listed`);
  },
};
