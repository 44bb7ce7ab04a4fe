import { oidName, oids } from "../../oids.ts";
import { type CertificateRule, endEntities, rfc5280Date } from "../rule.ts";

const caOnly: ReadonlySet<string> = new Set([
  oids.nameConstraints,
  oids.policyConstraints,
  oids.policyMappings,
  oids.inhibitAnyPolicy,
]);

/** What binds the certificates below; an end entity has none below. */
export const caOnlyExtensions: CertificateRule = {
  id: "ca-only-extensions",
  severity: "error",
  source: "RFC 5280 4.2.1.5, 4.2.1.10, 4.2.1.11, 4.2.1.14",
  set: "pkix",
  appliesTo: endEntities,
  effective: rfc5280Date,
  check(tbs, report) {
    for (const dotted of tbs.extensions.keys()) if (caOnly.has(dotted)) report(`${oidName(dotted)} only on a CA`);
  },
};
