/** Statements of IAM and resource policies in canonical templates, and to whom they belong. */
import {
  at,
  type Found,
  type Json,
  type JsonObject,
  list,
  resourcesOf,
  strings,
  type Templates,
  text,
  where,
} from "./templates.ts";

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  /** `NotAction`: all but these. */
  readonly otherThan: readonly string[];
  readonly resources: readonly string[];
  /** Account and role ARNs as they are, services as `Service:<name>`. */
  readonly principals: readonly string[];
  readonly conditions: Readonly<Record<string, JsonObject>>;
  /** `NotAction` and the like: what is left out, where ours say what is meant. */
  readonly inverted: readonly string[];
  /** `<stack>/<logical id>` of the resource that it stands in. */
  readonly where: string;
}

export const statementsIn = (document: Json | undefined, place: string): Statement[] =>
  list(at(document, "Statement")).map((one) => {
    const statement = one as JsonObject;
    return {
      effect: text(statement["Effect"]),
      actions: strings(statement["Action"]),
      otherThan: strings(statement["NotAction"]),
      resources: strings(statement["Resource"]),
      principals: principalsOf(statement["Principal"]),
      conditions: (statement["Condition"] ?? {}) as Statement["conditions"],
      inverted: Object.keys(statement).filter((key) => key.startsWith("Not")),
      where: place,
    };
  });

const principalsOf = (principal: Json | undefined): readonly string[] =>
  principal === undefined || typeof principal === "string"
    ? strings(principal)
    : Object.entries(principal as JsonObject).flatMap(([kind, who]) =>
        strings(who).map((one) => (kind === "AWS" ? one : `${kind}:${one}`)),
      );

export interface RoleStatements {
  readonly role: Found;
  readonly statements: readonly Statement[];
  readonly trust: readonly Statement[];
  /** AWS's own managed policies; ours are among the statements. */
  readonly managed: readonly string[];
}

const inline = ({ properties, ...found }: Found): Statement[] =>
  list(properties["Policies"]).flatMap((policy) => statementsIn(at(policy, "PolicyDocument"), where(found)));

/** All that IAM says of each role: its own policies, those attached to it, and who may assume it. */
export function rolesOf(templates: Templates): RoleStatements[] {
  const policies = resourcesOf(templates, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy");
  return resourcesOf(templates, "AWS::IAM::Role").map((role) => {
    const named = strings(role.properties["ManagedPolicyArns"]);
    const attached = policies.filter(
      ({ properties, ref }) =>
        strings(properties["Roles"]).includes(role.ref) || properties["RoleName"] === role.ref || named.includes(ref),
    );
    return {
      role,
      statements: [
        ...inline(role),
        ...attached.flatMap((policy) => statementsIn(policy.properties["PolicyDocument"], where(policy))),
      ],
      trust: statementsIn(role.properties["AssumeRolePolicyDocument"], where(role)),
      managed: named.filter((arn) => !policies.some(({ ref }) => arn === ref)),
    };
  });
}

/** Of all identities, attached or not: boundaries are among them. */
export const identityStatements = (templates: Templates): Statement[] =>
  resourcesOf(
    templates,
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::Group",
    "AWS::IAM::User",
  ).flatMap((found) => [...statementsIn(found.properties["PolicyDocument"], where(found)), ...inline(found)]);

/** Whether an action is among those that a statement names, wildcards minded. */
export const names = ({ actions }: Pick<Statement, "actions">, action: string): boolean =>
  actions.some((pattern) =>
    new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
      "i",
    ).test(action),
  );

/** Whether it denies an action whatever the resource and whoever asks; under conditions, where those are given. */
export const denies = (
  statement: Statement,
  action: string,
  conditions: Readonly<Record<string, Json>> = {},
): boolean =>
  statement.effect === "Deny" &&
  statement.resources.includes("*") &&
  JSON.stringify(statement.conditions) === JSON.stringify(conditions) &&
  (statement.otherThan.length > 0 ? !names({ actions: statement.otherThan }, action) : names(statement, action));

export const allows = (statement: Statement, action: string): boolean =>
  statement.effect === "Allow" && names(statement, action);

/** @returns the value of a condition, as strings; none where it is not asked */
export const asked = ({ conditions }: Statement, operator: string, key: string): readonly string[] =>
  strings(conditions[operator]?.[key]);
