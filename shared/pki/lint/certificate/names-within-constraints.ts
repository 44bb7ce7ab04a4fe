import { generalNameText } from "../../general-name.ts";
import { withinConstraint } from "../../name-constraint.ts";
import { type CertificateRule, rfc5280Date } from "../rule.ts";

/** No name that the issuing CA may not certify: nobody would accept it. */
export const namesWithinConstraints: CertificateRule = {
  id: "names-within-constraints",
  severity: "error",
  source: "RFC 5280 4.2.1.10, 6.1.3",
  set: "pkix",
  appliesTo: ["issuing-ca", "leaf"],
  effective: rfc5280Date,
  check({ sans }, report, { issuer }) {
    const constraints = issuer?.nameConstraints;
    if (constraints === undefined) return;
    for (const name of sans) {
      const permitted = constraints.permitted.filter(({ type }) => type === name.type);
      const excluded = constraints.excluded.filter(({ type }) => type === name.type);
      if (permitted.length > 0 && !permitted.some((base) => withinConstraint(name, base)))
        report(`${generalNameText(name)} is outside what the issuing CA may certify`);
      if (excluded.some((base) => withinConstraint(name, base)))
        report(`${generalNameText(name)} is excluded by the issuing CA's name constraints`);
    }
  },
};
