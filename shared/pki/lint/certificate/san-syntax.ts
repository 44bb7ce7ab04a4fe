import { generalNameText, type SubjectNameType } from "../../general-name.ts";
import { dnsNameProblem, emailProblem, uriProblem } from "../../identifier.ts";
import { type CertificateRule, everyCertificate, rfc5280Date } from "../rule.ts";

const problems: Readonly<Record<SubjectNameType, (value: string) => string | undefined>> = {
  dns: (value) => dnsNameProblem(value),
  ip: () => undefined, // octets: any value is an address
  email: emailProblem,
  uri: uriProblem,
};

/** Every name is well formed and of a kind that we issue. */
export const sanSyntax: CertificateRule = {
  id: "san-syntax",
  severity: "error",
  source: "RFC 5280 4.2.1.6",
  set: "pkix",
  appliesTo: everyCertificate,
  effective: rfc5280Date,
  check({ sans }, report) {
    for (const name of sans) {
      if (name.type === "other") report(`subjectAltName of kind ${generalNameText(name)} is not issued`);
      else {
        const problem = problems[name.type](name.value);
        if (problem !== undefined) report(`${generalNameText(name)} ${problem}`);
      }
    }
  },
};
