/** The value of an `issue` or `issuewild` property (RFC 8659 4.2) and whether it lets this issuance pass. */

export interface IssueValue {
  /** Lower case; empty: nobody may issue. */
  readonly issuer: string;
  /** Tags in lower case, in order: a tag may come twice. */
  readonly parameters: readonly { readonly tag: string; readonly value: string }[];
}

const wsp = /^[ \t]+|[ \t]+$/g;
const label = /^[a-z0-9](-*[a-z0-9])*$/i;
const tag = /^[a-z0-9](-*[a-z0-9])*$/i;
/** `%x21-3A / %x3C-7E`: what is visible, without the semicolon. */
const parameterValue = /^[\x21-\x3a\x3c-\x7e]*$/;

const nobody: IssueValue = { issuer: "", parameters: [] };

/** What does not follow the grammar counts as the empty value (RFC 8659 4.2): it lets nobody issue. */
export function parseIssueValue(text: string): IssueValue {
  const [domain = "", ...rest] = text.split(";").map((part) => part.replace(wsp, ""));
  if (domain !== "" && !domain.split(".").every((part) => label.test(part))) return nobody;
  // `ca.example;` has no parameters; only between two semicolons nothing may not stand.
  const written = rest.at(-1) === "" ? rest.slice(0, -1) : rest;
  const parameters: { tag: string; value: string }[] = [];
  for (const part of written) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(0, equals)).replace(wsp, "");
    const value = part.slice(equals + 1).replace(wsp, "");
    if (!tag.test(name) || !parameterValue.test(value)) return nobody;
    parameters.push({ tag: name.toLowerCase(), value });
  }
  return { issuer: domain.toLowerCase(), parameters };
}

/** Who issues, for whom, and how control was shown. */
export interface Issuance {
  readonly identities: readonly string[];
  readonly accountUri: string;
  /** Label of IANA's "ACME Validation Methods", or `ca-…`. */
  readonly method: string;
}

const methodLabels = /^[A-Za-z0-9-]+(,[A-Za-z0-9-]+)*$/;

/** RFC 8657 3 and 4. What a parameter means is the issuer's to say (RFC 8659 4.2): one that we do not know binds us to nothing we could keep. */
const satisfies: Readonly<Record<string, (value: string, issuance: Issuance) => boolean>> = {
  accounturi: (value, { accountUri }) => value === accountUri,
  validationmethods: (value, { method }) => methodLabels.test(value) && value.split(",").includes(method),
};

/** @returns undefined when the property lets it pass, else why not */
export function propertyProblem(text: string, issuance: Issuance): string | undefined {
  const { issuer, parameters } = parseIssueValue(text);
  if (issuer === "") return "lets nobody issue";
  if (!issuance.identities.includes(issuer)) return `names ${issuer}`;
  const tags = parameters.map((parameter) => parameter.tag);
  for (const [at, parameter] of parameters.entries()) {
    if (tags.indexOf(parameter.tag) !== at) return `has ${parameter.tag} twice`;
    const check = satisfies[parameter.tag];
    if (check === undefined) return `has the parameter ${parameter.tag}, which is not known here`;
    if (!check(parameter.value, issuance)) return `is bound to ${parameter.tag}=${parameter.value}`;
  }
  return undefined;
}
