/** A function of the registry as it runs on AWS: its role, its log, its limits, and where what it failed at goes. */
import { Duration } from "aws-cdk-lib";
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  CfnEventInvokeConfig,
  type Code,
  Function as LambdaFunctionConstruct,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { LambdaFunction } from "#functions/registry";
import { reservedConcurrency } from "../concurrency.ts";
import type { Deployment } from "../context.ts";
import { functionName, roleName } from "../names.ts";
import { acknowledge } from "../acknowledge.ts";
import type { Boundary } from "./boundary.ts";
import { dataKeyActions, viaService } from "./key-policy.ts";
import { logGroup } from "./log-group.ts";

/** What is deployed for an entry: its bundle, or in a test of the templates something smaller. */
export type CodeOf = (entry: { readonly name: string; readonly handler: string }) => Code;

/** What all functions of a stack share. */
export interface FunctionSurroundings {
  readonly deployment: Deployment;
  readonly codeOf: CodeOf;
  /** Of logs and queues. */
  readonly dataKey: IKey;
  /** Gets the events of asynchronous calls that failed to the end. */
  readonly failures: IQueue;
  readonly tracing: ManagedPolicy;
  /** None where a bucket grants to the role in its own policy: what is granted so, a boundary would take away again. */
  readonly boundary?: Boundary;
}

export interface RegistryFunctionProps extends FunctionSurroundings {
  readonly entry: LambdaFunction;
  readonly environment: Readonly<Record<string, string>>;
  /** Beside log, traces and failures, which every function has. */
  readonly statements: readonly PolicyStatement[];
}

export class RegistryFunction extends Construct {
  readonly function: LambdaFunctionConstruct;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: RegistryFunctionProps) {
    super(scope, id);
    const { deployment, entry, codeOf, failures, tracing, environment, boundary } = props;
    const name = functionName(deployment, entry.name);
    this.logGroup = logGroup(this, "Log", { deployment, dataKey: props.dataKey, service: "lambda", entry: entry.name });
    const statements = [...ownStatements(this.logGroup, props), ...props.statements];
    boundary?.allow(statements);
    this.role = new Role(this, "Role", {
      roleName: roleName(deployment, entry.name),
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      managedPolicies: [tracing],
      inlinePolicies: { own: new PolicyDocument({ statements }) },
      ...(boundary !== undefined && { permissionsBoundary: boundary.policy }),
    });
    const reserved = reservedConcurrency(deployment, entry);
    this.function = new LambdaFunctionConstruct(this, "Function", {
      functionName: name,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: codeOf(entry),
      // What a construct would add to the role by itself is wider than what is needed: all of it is written here.
      role: this.role.withoutPolicyUpdates(),
      memorySize: entry.memoryMb,
      timeout: Duration.seconds(entry.timeoutSeconds),
      tracing: Tracing.ACTIVE,
      logGroup: this.logGroup,
      deadLetterQueue: failures,
      environment: { ...environment, TRSTCTL_DEPLOYMENT: deployment.name, NODE_OPTIONS: "--enable-source-maps" },
      ...(reserved !== undefined && { reservedConcurrentExecutions: reserved }),
    });
    new CfnEventInvokeConfig(this, "AsynchronousCalls", {
      functionName: this.function.functionName,
      qualifier: "$LATEST",
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: 3600,
      destinationConfig: { onFailure: { destination: failures.queueArn } },
    });
  }
}

const ownStatements = (log: LogGroup, { failures, dataKey }: RegistryFunctionProps): PolicyStatement[] => [
  new PolicyStatement({
    sid: "Log",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [log.logGroupArn],
  }),
  new PolicyStatement({ sid: "Failures", actions: ["sqs:SendMessage"], resources: [failures.queueArn] }),
  new PolicyStatement({
    sid: "DataKey",
    actions: dataKeyActions,
    resources: [dataKey.keyArn],
    conditions: { StringEquals: { "kms:ViaService": ["dynamodb", "s3", "sqs"].map(viaService) } },
  }),
];

/** X-Ray knows no resources: the one place where `*` is all that can be said. */
export function tracingPolicy(scope: Construct, boundary?: Boundary): ManagedPolicy {
  const statements = [
    new PolicyStatement({
      sid: "Traces",
      actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
      resources: ["*"],
    }),
  ];
  boundary?.allow(statements);
  const policy = new ManagedPolicy(scope, "Tracing", { description: "Send traces to X-Ray", statements });
  acknowledge(
    policy,
    "AwsSolutions-IAM5[Resource::*]",
    "X-Ray's actions to send traces know no resources (service authorization reference).",
  );
  return policy;
}
