/** Actions and resources are named. What cannot be is listed here, each with what it is kept to. */
import type { Policy } from "./policy.ts";
import { identityStatements, type Statement, statementsIn } from "./statements.ts";
import { resourcesOf, type Templates, where } from "./templates.ts";

interface Exception {
  readonly resource: RegExp;
  readonly actions: readonly string[];
  /** `<stack>/<logical id>`; anywhere where nothing is said. */
  readonly in?: RegExp;
}

const objects = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];

/** What Step Functions' role for logs and traces has; none of it knows resources. */
const ofStateMachines = [
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/** Of identities. X-Ray and the registry's sign-in know no resources; the public bucket holds what anyone may read. */
const exceptions: readonly Exception[] = [
  { resource: /^\*$/, actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"] },
  {
    resource: /^\*$/,
    actions: ofStateMachines,
    in: /^[\w-]+-workflows\/(RestoreDrillExecutionRole|Boundary)[0-9A-F]{8}$/,
  },
  { resource: /^\*$/, actions: ["ecr:GetAuthorizationToken"] },
  { resource: /^<[\w-]+-core\/Public[0-9A-F]{8}\.Arn>\/\*$/, actions: objects },
];

/** Of buckets: a tenant's own prefix, and whole buckets for those whose they are. */
const bucketExceptions: readonly Exception[] = [
  { resource: /^<[\w-]+-data\/Blobs[0-9A-F]{8}\.Arn>\/\$\{aws:PrincipalTag\/tenant\}\/\*$/, actions: objects },
  { resource: /^<[\w-]+-keys\/SignerMemory[0-9A-F]{8}\.Arn>\/\*$/, actions: ["s3:GetObject", "s3:PutObject"] },
  { resource: /^<[\w-]+-core\/Public[0-9A-F]{8}\.Arn>\/\*$/, actions: objects },
  { resource: /^<[\w-]+-edge\/ConsoleFiles[0-9A-F]{8}\.Arn>\/\*$/, actions: ["s3:GetObject"] },
  // S3 writes its access logs where its own condition says.
  { resource: /\.Arn>\/[\w]+\/\*$/, actions: ["s3:PutObject"] },
];

const wild = (value: string) => /[*?]/.test(value);

function problems(statements: readonly Statement[], allowed: readonly Exception[]): string[] {
  return statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap((one) => [
      ...one.inverted.map((key) => `${one.where}: allows by ${key}`),
      ...one.actions.filter(wild).map((action) => `${one.where}: allows ${action}`),
      ...one.resources
        .filter(wild)
        .filter(
          (resource) =>
            !allowed.some(
              (exception) =>
                exception.resource.test(resource) &&
                exception.in?.test(one.where) !== false &&
                one.actions.every((action) => exception.actions.includes(action)),
            ),
        )
        .map((resource) => `${one.where}: allows ${one.actions.join(", ")} on ${resource}`),
    ]);
}

/** `*` in a key's own policy is that key. */
const keyStatements = (templates: Templates) =>
  resourcesOf(templates, "AWS::KMS::Key").flatMap((key) => statementsIn(key.properties["KeyPolicy"], where(key)));

const bucketStatements = (templates: Templates) =>
  resourcesOf(templates, "AWS::S3::BucketPolicy").flatMap((found) =>
    statementsIn(found.properties["PolicyDocument"], where(found)),
  );

const anyone = (statements: readonly Statement[]) =>
  statements
    .filter(({ effect, principals }) => effect === "Allow" && principals.includes("*"))
    .map((one) => `${one.where}: allows ${one.actions.join(", ")} to anyone`);

export const noWildcards: Policy = {
  name: "no policy allows an action or a resource by a wildcard",
  check: (templates) => [
    ...problems(identityStatements(templates), exceptions),
    ...problems(keyStatements(templates), [
      { resource: /^\*$/, actions: keyStatements(templates).flatMap(({ actions }) => actions) },
    ]),
    ...problems(bucketStatements(templates), bucketExceptions),
    ...anyone([...keyStatements(templates), ...bucketStatements(templates)]),
    ...resourcesOf(templates, "AWS::IAM::Role").flatMap((role) =>
      anyone(statementsIn(role.properties["AssumeRolePolicyDocument"], where(role))),
    ),
  ],
};
