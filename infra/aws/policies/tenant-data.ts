/** I1: how tenants' items and blobs are reached, and that there is no other way. */
import { lambdaFunctions } from "#functions/registry";
import type { Deployment } from "../context.ts";
import { canaryParameter, settingsParameter, signInParameter } from "../names.ts";
import type { Policy } from "./policy.ts";
import {
  allows,
  asked,
  denies,
  identityStatements,
  names,
  rolesOf,
  type Statement,
  statementsIn,
} from "./statements.ts";
import { restoreAction } from "./restore-drill.ts";
import { type Found, resourcesOf, type Templates, text, where } from "./templates.ts";

const only = <T>(found: readonly T[], what: string): T => {
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new TypeError(`${found.length} ${what}, expected one`);
  return first;
};

const table = (templates: Templates, { name }: Deployment, which: string) =>
  only(
    resourcesOf(templates, "AWS::DynamoDB::GlobalTable").filter(
      ({ properties }) => properties["TableName"] === `${name}-${which}`,
    ),
    `tables ${which}`,
  );
const tenantRole = (templates: Templates, { name }: Deployment) =>
  only(
    rolesOf(templates).filter(({ role }) => role.properties["RoleName"] === `${name}-tenant-<AWS::Region>`),
    "tenant roles",
  );

const ofRole = (one: Statement, role: Found) => one.where === where(role);
const reaches = (one: Statement, { arn }: Found) => one.resources.some((to) => to === arn || to.startsWith(`${arn}/`));

/** To ask for a copy reads and writes nothing of the table; who may, restore-drill.ts holds. */
const isRestore = ({ actions }: Statement) => actions.join() === restoreAction;

export const tenantRoleAlone: Policy = {
  name: "tenants' items and blobs are reached by the tenant role only, and by its leading keys",
  check(templates, deployment) {
    const core = table(templates, deployment, "core");
    const { role, statements } = tenantRole(templates, deployment);
    const strangers = identityStatements(templates).filter(
      (one) => one.effect === "Allow" && reaches(one, core) && !ofRole(one, role) && !isRestore(one),
    );
    const own = statements.filter(
      (one) => one.effect === "Allow" && one.actions.some((action) => action.startsWith("dynamodb:")),
    );
    return [
      ...strangers.map((one) => `${one.where}: reaches the core table: ${one.actions.join(", ")}`),
      ...own.flatMap((one) => leadingKeyProblems(one, core)),
      ...keylessActions
        .filter((action) => !statements.some((one) => denies(one, action)))
        .map((action) => `${where(role)}: ${action} is not denied`),
      ...[...own.flatMap(({ actions }) => actions), "s3:GetObject", "s3:ListBucket"]
        .filter((action) => !statements.some((one) => denies(one, action, withoutTenant)))
        .map((action) => `${where(role)}: ${action} is not denied to a session without a tenant`),
      ...blobProblems(templates, role),
    ];
  },
};

const withoutTenant = { Null: { "aws:PrincipalTag/tenant": "true" } };

/** Without a key in the request there is nothing that LeadingKeys could hold. */
const keylessActions = ["dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:PartiQLUpdate", "dynamodb:GetRecords"];

function leadingKeyProblems(one: Statement, core: Found): string[] {
  const leading = "dynamodb:LeadingKeys";
  const held: readonly (readonly [boolean, string])[] = [
    [
      asked(one, "ForAllValues:StringLike", leading).join() === "T#${aws:PrincipalTag/tenant}#*",
      "keys are not held to the session's tenant",
    ],
    [asked(one, "Null", leading).join() === "false", "a request without keys passes"],
    [
      one.resources.every((to) => to === core.arn || to === `${core.arn}/index/view1`),
      "reaches more than the core table",
    ],
    [!one.actions.some((action) => keylessActions.includes(action)), "allows what names no key"],
  ];
  return held.filter(([good]) => !good).map(([, problem]) => `${one.where}: ${problem}`);
}

function blobProblems(templates: Templates, role: Found): string[] {
  const [bucket] = resourcesOf(templates, "AWS::S3::Bucket").filter(({ id }) => id.startsWith("Blobs"));
  if (bucket === undefined) return ["there is no bucket of blobs"];
  const strangers = identityStatements(templates).filter((one) => one.effect === "Allow" && reaches(one, bucket));
  const policies = resourcesOf(templates, "AWS::S3::BucketPolicy").filter(
    ({ properties }) => properties["Bucket"] === bucket.ref,
  );
  const allowed = policies
    .flatMap((policy) => statementsIn(policy.properties["PolicyDocument"], where(policy)))
    .filter(({ effect }) => effect === "Allow");
  const own = "${aws:PrincipalTag/tenant}/*";
  return [
    ...strangers.map((one) => `${one.where}: reaches the blobs: ${one.actions.join(", ")}`),
    ...allowed
      .filter((one) => one.principals.join() !== role.arn)
      .map((one) => `${one.where}: blobs for ${one.principals.join()}, not for the tenant role`),
    ...allowed
      .filter((one) =>
        names(one, "s3:ListBucket")
          ? asked(one, "StringLike", "s3:prefix").join() !== own
          : one.resources.join() !== `${bucket.arn}/${own}`,
      )
      .map((one) => `${one.where}: blobs beyond the session's tenant`),
  ];
}

export const tenantRoleTrust: Policy = {
  name: "the tenant role is assumed by those whom the registry names, and never without a tenant",
  check(templates, deployment) {
    const { role, trust } = tenantRole(templates, deployment);
    const users = lambdaFunctions.filter(({ ports }) => ports.includes("table") || ports.includes("blob"));
    const expected = [...users.map(({ name }) => name), ...(deployment.bridge ? ["bridge"] : [])].toSorted();
    const assuming = identityStatements(templates).filter((one) => allows(one, "sts:AssumeRole"));
    return [
      ...trust.flatMap((one) => trustProblems(one, expected, deployment)),
      ...assuming
        .filter(({ resources }) => resources.join() !== role.arn)
        .map((one) => `${one.where}: may assume ${one.resources.join(", ")}`),
    ];
  },
};

function trustProblems(one: Statement, expected: readonly string[], { name, tenantId }: Deployment): string[] {
  const trusted = asked(one, "ArnEquals", "aws:PrincipalArn").map(
    (arn) => new RegExp(`:role/${name}-([a-z-]+)-<AWS::Region>$`).exec(arn)?.[1] ?? arn,
  );
  const tagged =
    tenantId === undefined
      ? asked(one, "StringLike", "aws:RequestTag/tenant").join() === "?*"
      : asked(one, "StringEquals", "aws:RequestTag/tenant").join() === tenantId;
  return [
    ...(trusted.toSorted().join() === expected.join()
      ? []
      : [`${one.where}: trusts ${trusted.join()}, the registry says ${expected.join()}`]),
    ...(tagged ? [] : [`${one.where}: may be assumed without a tenant, or for another`]),
    ...(asked(one, "ForAllValues:StringEquals", "aws:TagKeys").join() === "tenant"
      ? []
      : [`${one.where}: takes other tags`]),
  ];
}

const parameters: Readonly<Record<string, (deployment: Deployment) => string>> = {
  settings: settingsParameter,
  credential: canaryParameter,
  providers: signInParameter,
};

export const parameterReaders: Policy = {
  name: "parameters, secrets among them, are read by the functions whose entries say so",
  check(templates, deployment) {
    const allowed = new Map(
      lambdaFunctions.map(({ name, ports }) => [
        `${deployment.name}-${name}`,
        ports.flatMap((port) => parameters[port]?.(deployment) ?? []).toSorted(),
      ]),
    );
    const roles = functionsByRole(templates);
    return rolesOf(templates).flatMap(({ role, statements }) => {
      const may = allowed.get(roles.get(role.arn) ?? "") ?? [];
      const given = statements.filter(
        ({ effect, actions }) => effect === "Allow" && actions.some((one) => one.startsWith("ssm:")),
      );
      const reads = given.flatMap(({ resources }) => resources.map((to) => to.replace(/^.*:parameter/, ""))).toSorted();
      const others = given.flatMap(({ actions }) => actions.filter((one) => one !== "ssm:GetParameter"));
      return [
        ...(reads.join() === may.join()
          ? []
          : [
              `${where(role)}: reads ${reads.join(", ") || "no parameter"}, its entry says ${may.join(", ") || "none"}`,
            ]),
        ...others.map((action) => `${where(role)}: may ${action}`),
      ];
    });
  },
};

const functionsByRole = (templates: Templates): ReadonlyMap<string, string> =>
  new Map(
    resourcesOf(templates, "AWS::Lambda::Function").map(({ properties }) => [
      text(properties["Role"]),
      text(properties["FunctionName"]),
    ]),
  );

/** What the directory's ports let a function do with it. */
const directoryActions: Readonly<Record<string, readonly string[]>> = {
  directory: ["dynamodb:GetItem"],
  "directory-write": ["dynamodb:DeleteItem", "dynamodb:PutItem"],
  "directory-list": ["dynamodb:Query"],
};

export const directoryUsers: Policy = {
  name: "the directory is reached by the functions whose entries say so, and those that only resolve names do not write it",
  check(templates, deployment) {
    const directory = table(templates, deployment, "directory");
    const allowed = new Map(
      lambdaFunctions.map(({ name, ports }) => [
        `${deployment.name}-${name}`,
        ports.flatMap((port) => directoryActions[port] ?? []).toSorted(),
      ]),
    );
    const roles = functionsByRole(templates);
    return rolesOf(templates).flatMap(({ role, statements }) => {
      const may = allowed.get(roles.get(role.arn) ?? "") ?? [];
      const given = statements.filter((one) => one.effect === "Allow" && reaches(one, directory));
      const does = given.flatMap(({ actions }) => actions).toSorted();
      return does.join() === may.join()
        ? []
        : [
            `${where(role)}: may ${does.join(", ") || "nothing"} in the directory, its entry says ${may.join(", ") || "nothing"}`,
          ];
    });
  },
};
