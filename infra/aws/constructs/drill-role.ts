/** What the restore drill's state machine may do: ask for a copy of the core table, write and delete that copy, and tell. */
import { Aws } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledge.ts";
import type { Deployment } from "../context.ts";
import { alarmTopicName, drillCopyArn, roleName } from "../names.ts";
import type { Boundary } from "./boundary.ts";
import { dataKeyActions, viaService } from "./key-policy.ts";

export interface DrillRoleProps {
  readonly deployment: Deployment;
  readonly coreTableArn: string;
  readonly dataKeyArn: string;
  readonly checkArn: string;
  readonly boundary: Boundary;
}

export function drillRole(scope: Construct, props: DrillRoleProps): Role {
  const { deployment, boundary } = props;
  const statements = [...copyStatements(props), ...ownStatements(props), ...everywhere()];
  boundary.allow(statements);
  const role = new Role(scope, "ExecutionRole", {
    roleName: roleName(deployment, "restore-drill"),
    description: "Restores a copy of the core table, has it checked, deletes it",
    assumedBy: new ServicePrincipal("states.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    }),
    inlinePolicies: { own: new PolicyDocument({ statements }) },
    permissionsBoundary: boundary.policy,
  });
  acknowledge(
    role,
    "AwsSolutions-IAM5[Resource::*]",
    "Log deliveries of Step Functions, and X-Ray's actions, know no resources (service authorization reference).",
  );
  return role;
}

/** A restore is written with the rights of who asks for it. */
const copyStatements = ({ deployment, coreTableArn, dataKeyArn }: DrillRoleProps): PolicyStatement[] => [
  new PolicyStatement({
    sid: "Restore",
    actions: ["dynamodb:RestoreTableToPointInTime"],
    resources: [coreTableArn],
  }),
  new PolicyStatement({
    sid: "Copy",
    actions: [
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:DeleteTable",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:RestoreTableToPointInTime",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ],
    resources: [drillCopyArn(deployment)],
  }),
  new PolicyStatement({
    sid: "DataKey",
    actions: dataKeyActions,
    resources: [dataKeyArn],
    conditions: { StringEquals: { "kms:ViaService": viaService("dynamodb") } },
  }),
  new PolicyStatement({
    sid: "GrantToCopy",
    actions: ["kms:CreateGrant"],
    resources: [dataKeyArn],
    conditions: {
      StringEquals: { "kms:ViaService": viaService("dynamodb") },
      Bool: { "kms:GrantIsForAWSResource": "true" },
    },
  }),
];

const ownStatements = ({ deployment, checkArn }: DrillRoleProps): PolicyStatement[] => [
  new PolicyStatement({ sid: "Check", actions: ["lambda:InvokeFunction"], resources: [checkArn] }),
  new PolicyStatement({
    sid: "Tell",
    actions: ["sns:Publish"],
    resources: [`arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:${alarmTopicName(deployment)}`],
  }),
];

const everywhere = (): PolicyStatement[] => [
  new PolicyStatement({
    sid: "LogDelivery",
    actions: [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ],
    resources: ["*"],
  }),
  new PolicyStatement({
    sid: "Traces",
    actions: ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    resources: ["*"],
  }),
];
