/** EventBridge Scheduler calls a function of the registry at its interval. */
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Aws } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { functionArn, functionName, roleName } from "../names.ts";
import type { Boundary } from "./boundary.ts";
import { dataKeyActions, viaService } from "./key-policy.ts";

export interface ScheduleProps {
  readonly deployment: Deployment;
  readonly entry: string;
  readonly everySeconds: number;
  readonly target: IFunction;
  readonly failures: IQueue;
  readonly dataKey: IKey;
  readonly boundary: Boundary;
}

export function schedule(scope: Construct, id: string, props: ScheduleProps): void {
  const { deployment, entry, everySeconds, target, failures, dataKey, boundary } = props;
  const statements = [
    // By name: the function needs its role, that the boundary, and the boundary this.
    new PolicyStatement({
      sid: "Call",
      actions: ["lambda:InvokeFunction"],
      resources: [functionArn(deployment, entry)],
    }),
    new PolicyStatement({ sid: "Failures", actions: ["sqs:SendMessage"], resources: [failures.queueArn] }),
    new PolicyStatement({
      sid: "DataKey",
      actions: dataKeyActions,
      resources: [dataKey.keyArn],
      conditions: { StringEquals: { "kms:ViaService": viaService("sqs") } },
    }),
  ];
  boundary.allow(statements);
  const role = new Role(scope, `${id}Role`, {
    roleName: roleName(deployment, `${entry}-schedule`),
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    }),
    inlinePolicies: { own: new PolicyDocument({ statements }) },
    permissionsBoundary: boundary.policy,
  });
  new CfnSchedule(scope, id, {
    name: functionName(deployment, entry),
    description: `Calls ${functionName(deployment, entry)}`,
    scheduleExpression: rate(everySeconds),
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: target.functionArn,
      roleArn: role.roleArn,
      deadLetterConfig: { arn: failures.queueArn },
      // The next one comes anyway.
      retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: Math.max(60, everySeconds) },
    },
  });
}

/** @throws TypeError: Scheduler counts in minutes */
function rate(seconds: number): string {
  const minutes = seconds / 60;
  if (!Number.isInteger(minutes) || minutes < 1) throw new TypeError(`every ${seconds} s: expected whole minutes`);
  return `rate(${minutes} minute${minutes === 1 ? "" : "s"})`;
}
