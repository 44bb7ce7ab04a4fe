import { generalNameText } from "../../general-name.ts";
import { dnsNameProblem } from "../../identifier.ts";
import { type CertificateRule, everyCa, rfc5280Date } from "../rule.ts";

/** Domains without dots at their ends; kinds that we can judge. */
export const nameConstraintsSyntax: CertificateRule = {
  id: "name-constraints-syntax",
  severity: "error",
  source: "RFC 5280 4.2.1.10",
  set: "pkix",
  appliesTo: everyCa,
  effective: rfc5280Date,
  check({ nameConstraints }, report) {
    for (const name of [...(nameConstraints?.permitted ?? []), ...(nameConstraints?.excluded ?? [])]) {
      if (name.type === "other") report(`a constraint of kind ${generalNameText(name)} is not issued`);
      else if (name.type === "dns" && name.value !== "" && dnsNameProblem(name.value, "refused") !== undefined)
        report(`dns constraint ${JSON.stringify(name.value)} ${dnsNameProblem(name.value, "refused")}`);
    }
  },
};
