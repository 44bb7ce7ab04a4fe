/**
 * What a port of the registry means on AWS: settings and permissions, in one place, so that a function has exactly what its
 * entry says. No port gives a tenant's data itself: `table` and `blob` give the way to the tenant role.
 */
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { tableShape } from "#shared/adapters/aws/dynamodb";
import type { LambdaFunction } from "#functions/registry";
import type { Stack } from "aws-cdk-lib";
import type { Deployment } from "../context.ts";
import { canaryParameter, settingsParameter, signerArn, signInParameter } from "../names.ts";
import type { DataStack } from "../stacks/data.ts";

/** Lanes of a tenant's log on AWS; changed only by an `epoch` event. */
export const lanes = 8;

export interface Grant {
  readonly environment?: Readonly<Record<string, string>>;
  readonly statements?: readonly PolicyStatement[];
}

export interface GrantContext {
  readonly stack: Stack;
  readonly deployment: Deployment;
  readonly data: DataStack;
  /** By wake function. */
  readonly wakeQueues: ReadonlyMap<string, Queue>;
  readonly publicBucketName: string;
}

type Port = LambdaFunction["ports"][number];
type GrantOf = (context: GrantContext, entry: LambdaFunction) => Grant;

const tenantData = ({ data }: GrantContext): Grant => ({
  environment: { TRSTCTL_TENANT_ROLE_ARN: data.tenantRole.roleArn },
  statements: [
    new PolicyStatement({
      sid: "TenantRole",
      actions: ["sts:AssumeRole", "sts:TagSession"],
      resources: [data.tenantRole.roleArn],
    }),
  ],
});

/** @param below what of the table is reached; empty: its items */
const inDirectory =
  (sid: string, actions: string[], below = ""): GrantOf =>
  ({ data: { directoryTable } }) => ({
    environment: { TRSTCTL_DIRECTORY_TABLE: directoryTable.tableName },
    statements: [new PolicyStatement({ sid, actions, resources: [`${directoryTable.tableArn}${below}`] })],
  });

const parameterReader = (stack: Stack, sid: string, name: string): PolicyStatement =>
  new PolicyStatement({
    sid,
    actions: ["ssm:GetParameter"],
    resources: [stack.formatArn({ service: "ssm", resource: "parameter", resourceName: name.slice(1) })],
  });

const grants: Readonly<Record<Port, GrantOf>> = {
  table: (context) => ({
    ...tenantData(context),
    environment: {
      ...tenantData(context).environment,
      TRSTCTL_CORE_TABLE: context.data.coreTable.tableName,
      TRSTCTL_LANES: String(lanes),
    },
  }),
  blob: (context) => ({
    ...tenantData(context),
    environment: {
      ...tenantData(context).environment,
      TRSTCTL_BLOB_BUCKET: context.data.blobBucket.bucketName,
    },
  }),
  directory: inDirectory("Directory", ["dynamodb:GetItem"]),
  "directory-write": inDirectory("DirectoryNames", ["dynamodb:DeleteItem", "dynamodb:PutItem"]),
  "directory-list": inDirectory("DirectoryLists", ["dynamodb:Query"], `/index/${tableShape.view.name}`),
  // The bucket's policy grants it.
  public: ({ publicBucketName }) => ({ environment: { TRSTCTL_PUBLIC_BUCKET: publicBucketName } }),
  signer: ({ deployment }) => ({
    environment: { TRSTCTL_SIGNER_FUNCTION: signerArn(deployment) },
    statements: [
      new PolicyStatement({ sid: "Signer", actions: ["lambda:InvokeFunction"], resources: [signerArn(deployment)] }),
    ],
  }),
  settings: ({ deployment, stack }) => ({
    environment: { TRSTCTL_SETTINGS_PARAMETER: settingsParameter(deployment) },
    statements: [parameterReader(stack, "Settings", settingsParameter(deployment))],
  }),
  // Under SSM's own key, which opens it for whoever may read it.
  credential: ({ deployment, stack }) => ({
    environment: { TRSTCTL_CANARY_PARAMETER: canaryParameter(deployment) },
    statements: [parameterReader(stack, "Credential", canaryParameter(deployment))],
  }),
  providers: ({ deployment, stack }) => ({
    environment: { TRSTCTL_SIGN_IN_PARAMETER: signInParameter(deployment) },
    statements: [parameterReader(stack, "SignIn", signInParameter(deployment))],
  }),
  secret: ({ data: { hostKey } }) => ({
    environment: { TRSTCTL_HOST_KEY_ID: hostKey.keyArn },
    statements: [
      new PolicyStatement({
        sid: "HostKey",
        actions: ["kms:GenerateMac"],
        resources: [hostKey.keyArn],
        conditions: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
      }),
    ],
  }),
  /** A wake function rings for itself, to be called again; router and clock ring for all. */
  wakes: ({ wakeQueues, stack }, { name }) => {
    const reached = [...wakeQueues].filter(([of]) => of === name || !wakeQueues.has(name));
    return {
      environment: {
        TRSTCTL_WAKE_QUEUES: stack.toJsonString(
          Object.fromEntries(reached.map(([of, { queueUrl }]) => [of, queueUrl])),
        ),
      },
      statements: [
        new PolicyStatement({
          sid: "Wakes",
          actions: ["sqs:SendMessage"],
          resources: reached.map(([, { queueArn }]) => queueArn),
        }),
      ],
    };
  },
  // In the process, behind the API's own throttle.
  limiter: () => ({}),
  // Functions are in no VPC: they reach the Internet, and nothing of it reaches them.
  egress: () => ({}),
};

/** What all ports of an entry give together. */
export function grantsOf(context: GrantContext, entry: LambdaFunction): Required<Grant> {
  const given = entry.ports.map((port) => grants[port](context, entry));
  const statements = new Map(
    given.flatMap((grant) => grant.statements ?? []).map((statement) => [statement.sid, statement] as const),
  );
  return {
    environment: Object.assign({}, ...given.map(({ environment }) => environment)) as Record<string, string>,
    statements: [...statements.values()],
  };
}
