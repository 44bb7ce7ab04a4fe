import { criticality } from "../facts.ts";
import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** Present, critical on a CA, and saying what was meant. */
export const basicConstraints: CertificateRule = {
  id: "basic-constraints",
  severity: "error",
  source: "RFC 5280 4.2.1.9",
  set: "pkix",
  appliesTo: ["root", "issuing-ca", "leaf"],
  effective: rfc5280Date,
  check(tbs, report, { kind }) {
    const found = tbs.basicConstraints;
    if (found === undefined) report("basicConstraints is missing");
    else if (kind === "leaf") {
      if (found.ca) report("a leaf must not be a CA");
    } else if (!found.ca) report("a CA certificate must say cA TRUE");
    else if (criticality(tbs, "basicConstraints") !== true) report("basicConstraints of a CA must be critical");
  },
};
