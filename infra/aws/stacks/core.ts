/**
 * The functions of the registry, each with its own role, and what calls them: APIs, queues, the table's stream, the clock.
 * The signer is in the keys stack.
 */
import { Stack, type StackProps } from "aws-cdk-lib";
import { LambdaApplication } from "aws-cdk-lib/aws-codedeploy";
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import type { Bucket, IBucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { type LambdaFunction, lambdaFunctions } from "#functions/registry";
import { acknowledge } from "../acknowledge.ts";
import { reservedConcurrency, throttleOf } from "../concurrency.ts";
import { Boundary } from "../constructs/boundary.ts";
import { apiLogRole } from "../constructs/api-log-role.ts";
import { canaryAlias } from "../constructs/canary-alias.ts";
import { coreStream, streamStatements } from "../constructs/core-stream.ts";
import { deadLetters } from "../constructs/dead-letters.ts";
import { type FunctionApi, httpApi, restApi } from "../constructs/function-api.ts";
import { grantsOf } from "../constructs/function-grants.ts";
import { logGroup } from "../constructs/log-group.ts";
import { grantPublicObjects, publicBucket } from "../constructs/public-bucket.ts";
import { type CodeOf, RegistryFunction, tracingPolicy } from "../constructs/registry-function.ts";
import { schedule } from "../constructs/schedule.ts";
import { WakeQueue } from "../constructs/wake-queue.ts";
import { type Deployment, originLockOf } from "../context.ts";
import { functionName, roleName } from "../names.ts";
import type { DataStack } from "./data.ts";

export interface CoreProps extends StackProps {
  readonly deployment: Deployment;
  readonly codeOf: CodeOf;
  readonly data: DataStack;
}

/** These have stacks of their own: keys and workflows. */
const elsewhere = new Set(["signer", "signer-check", "restore-check"]);
const coreFunctions = lambdaFunctions.filter(({ name }) => !elsewhere.has(name));

export class CoreStack extends Stack {
  /** By name in the registry. */
  readonly functions: ReadonlyMap<string, RegistryFunction>;
  /** What APIs call, by name in the registry. */
  readonly aliases: ReadonlyMap<string, Alias>;
  /** By name in the registry: what the edge puts its distributions in front of. */
  readonly apis: ReadonlyMap<string, FunctionApi>;
  /** By wake function. */
  readonly wakeQueues: ReadonlyMap<string, WakeQueue>;
  /** Asynchronous calls that failed to the end, and records of the stream. */
  readonly failures: Queue;
  /** Revocation objects, which CloudFront reads for anyone. */
  readonly publicBucket: Bucket & IBucket;
  /** `lambda:InvokeFunction` of the admin function: for the operators' identities, and nobody else's. */
  readonly operatorPolicy: ManagedPolicy;

  readonly #props: CoreProps;
  readonly #boundary: Boundary;

  constructor(scope: Construct, id: string, props: CoreProps) {
    super(scope, id, props);
    this.#props = props;
    const { deployment, data } = props;
    this.#boundary = new Boundary(this, roleName(deployment, "boundary"));
    this.failures = deadLetters(this, "Failures", functionName(deployment, "failures"), data.dataKey);
    this.wakeQueues = this.#queues();
    this.publicBucket = publicBucket(this, data.accessLogs);
    this.functions = this.#functionsOf();
    grantPublicObjects(
      this.publicBucket,
      coreFunctions.filter(({ ports }) => ports.includes("public")).map(({ name }) => this.#functionOf(name).role),
      this.#boundary,
    );
    this.#triggers();
    ({ aliases: this.aliases, apis: this.apis } = this.#fronts());
    this.operatorPolicy = new ManagedPolicy(this, "Operator", {
      managedPolicyName: roleName(deployment, "operator"),
      description: "Mint the first credential of a tenant, and what else only operators may",
      statements: [
        new PolicyStatement({
          sid: "Admin",
          actions: ["lambda:InvokeFunction"],
          resources: [this.#functionOf("admin").function.functionArn],
        }),
      ],
    });
  }

  #functionOf(name: string): RegistryFunction {
    const found = this.functions.get(name);
    if (found === undefined) throw new TypeError(`functions/registry.ts has no function \`${name}\``);
    return found;
  }

  #queues(): ReadonlyMap<string, WakeQueue> {
    const { deployment, data } = this.#props;
    const wakeFunctions = coreFunctions.filter(({ trigger }) => trigger.kind === "queue");
    return new Map(
      wakeFunctions.map(({ name, timeoutSeconds }) => {
        const queueName = functionName(deployment, name);
        return [
          name,
          new WakeQueue(this, `${pascal(name)}Wakes`, { queueName, dataKey: data.dataKey, timeoutSeconds }),
        ];
      }),
    );
  }

  #functionsOf(): ReadonlyMap<string, RegistryFunction> {
    const { deployment, data, codeOf } = this.#props;
    const { failures } = this;
    const shared = {
      deployment,
      codeOf,
      dataKey: data.dataKey,
      failures,
      boundary: this.#boundary,
      tracing: tracingPolicy(this, this.#boundary),
    };
    const context = {
      stack: this,
      deployment,
      data,
      wakeQueues: new Map([...this.wakeQueues].map(([name, { queue }]) => [name, queue])),
      publicBucketName: this.publicBucket.bucketName,
    };
    return new Map(
      coreFunctions.map((entry) => {
        const { environment, statements } = grantsOf(context, entry);
        const own = [...statements, ...this.#triggerStatements(entry)];
        const id = pascal(entry.name);
        return [entry.name, new RegistryFunction(this, id, { ...shared, entry, environment, statements: own })];
      }),
    );
  }

  /** What a function needs to be called by its source. */
  #triggerStatements({ name, trigger }: LambdaFunction): readonly PolicyStatement[] {
    if (trigger.kind === "stream") return streamStatements(this.#props.data.coreTable);
    const queue = this.wakeQueues.get(name)?.queue;
    if (queue === undefined) return [];
    return [
      new PolicyStatement({
        sid: "OwnQueue",
        actions: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        resources: [queue.queueArn],
      }),
    ];
  }

  #triggers(): void {
    const { deployment, data } = this.#props;
    for (const entry of coreFunctions) {
      const { name: entryName, trigger } = entry;
      const target = this.#functionOf(entryName).function;
      switch (trigger.kind) {
        case "queue":
          this.wakeQueues.get(entryName)?.rings(target, trigger.batchSize, reservedConcurrency(deployment, entry));
          break;
        case "stream":
          coreStream(this, { table: data.coreTable, target, failures: this.failures, filters: trigger.filters });
          break;
        case "schedule":
          schedule(this, `${pascal(entryName)}Schedule`, {
            deployment,
            entry: entryName,
            everySeconds: trigger.everySeconds,
            target,
            failures: this.failures,
            dataKey: data.dataKey,
            boundary: this.#boundary,
          });
          break;
        case "rest-api":
        case "http-api":
        case "invoke":
          break;
      }
    }
  }

  #fronts(): { aliases: ReadonlyMap<string, Alias>; apis: ReadonlyMap<string, FunctionApi> } {
    const { deployment, data } = this.#props;
    const application = new LambdaApplication(this, "Deployments", {
      applicationName: functionName(deployment, "fronts"),
    });
    const role = new Role(this, "DeploymentRole", {
      assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("service-role/AWSCodeDeployRoleForLambdaLimited")],
    });
    acknowledge(
      role,
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      "AWS keeps it in step with what CodeDeploy calls; assumed by CodeDeploy only.",
    );
    const account = apiLogRole(this);
    const aliases = new Map<string, Alias>();
    const apis = new Map<string, FunctionApi>();
    for (const entry of coreFunctions) {
      const { name: entryName, trigger } = entry;
      if (trigger.kind !== "rest-api" && trigger.kind !== "http-api") continue;
      const id = pascal(entryName);
      const target = canaryAlias(this, `${id}Live`, {
        function: this.#functionOf(entryName).function,
        application,
        role: role.withoutPolicyUpdates(),
      });
      const log = logGroup(this, `${id}ApiLog`, {
        deployment,
        dataKey: data.dataKey,
        service: "apigateway",
        entry: entryName,
      });
      const make = trigger.kind === "rest-api" ? restApi : httpApi;
      aliases.set(entryName, target);
      apis.set(
        entryName,
        make(this, `${id}Api`, {
          name: functionName(deployment, entryName),
          target,
          throttle: throttleOf(deployment, entry),
          log,
          paths: trigger.paths,
          locked: originLockOf(deployment) !== undefined,
          account,
        }),
      );
    }
    return { aliases, apis };
  }
}

/** `acme-validating` → `AcmeValidating`. */
const pascal = (name: string): string => name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
