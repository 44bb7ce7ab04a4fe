import { oidName, oids } from "../../oids.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

/** basicConstraints, keyUsage and subjectAltName depend on more: rules of their own. */
const criticalities: ReadonlyMap<string, boolean> = new Map([
  [oids.nameConstraints, true],
  [oids.policyConstraints, true],
  [oids.inhibitAnyPolicy, true],
  [oids.policyMappings, true],
  [oids.authorityKeyIdentifier, false],
  [oids.subjectKeyIdentifier, false],
  [oids.issuerAltName, false],
  [oids.certificatePolicies, false],
  [oids.cRLDistributionPoints, false],
  [oids.freshestCRL, false],
  [oids.authorityInfoAccess, false],
  [oids.subjectInfoAccess, false],
  [oids.ocspNoCheck, false],
  [oids.noRevAvail, false],
]);

/** What must be understood is critical, what may be ignored is not. */
export const extensionCriticality: CertificateRule = {
  id: "extension-criticality",
  severity: "error",
  source: "RFC 5280 4.2.1, RFC 6960 4.2.2.2.1, RFC 9608 2",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const [dotted, { critical }] of tbs.extensions) {
      const wanted = criticalities.get(dotted);
      if (wanted !== undefined && wanted !== critical)
        report(`${oidName(dotted)} must ${wanted ? "" : "not "}be critical`);
    }
  },
};
