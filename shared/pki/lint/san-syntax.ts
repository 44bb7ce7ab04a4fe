import { generalNameText, type SubjectNameType } from "../general-name.ts";
import { dnsNameProblem, emailProblem, uriProblem } from "../identifier.ts";
import { type Rule, unless } from "./rule.ts";

const problems: Readonly<Record<SubjectNameType, (value: string) => string | undefined>> = {
  dns: (value) => dnsNameProblem(value),
  ip: () => undefined, // octets: any value is an address
  email: emailProblem,
  uri: uriProblem,
};

/** Every name is well formed and of a kind that we issue. */
export const sanSyntax: Rule = {
  code: "san-syntax",
  source: "RFC 5280 4.2.1.6",
  check: (tbs) =>
    tbs.sans.flatMap((name) => {
      if (name.type === "other") return [`subjectAltName of kind ${generalNameText(name)} is not issued`];
      const problem = problems[name.type](name.value);
      return unless(problem === undefined, `${generalNameText(name)} ${problem}`);
    }),
};
