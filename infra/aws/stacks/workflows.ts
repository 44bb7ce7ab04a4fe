/** What takes many steps and hours: the restore drill. Costs nothing while none runs. */
import { Aws, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { lambdaFunctions } from "#functions/registry";
import { Boundary } from "../constructs/boundary.ts";
import { drillRole } from "../constructs/drill-role.ts";
import { lanes } from "../constructs/function-grants.ts";
import { logGroup } from "../constructs/log-group.ts";
import { type CodeOf, RegistryFunction, tracingPolicy } from "../constructs/registry-function.ts";
import type { Deployment } from "../context.ts";
import { alarmTopicName, drillCopyArn, drillName, functionArn, roleName } from "../names.ts";
import { restoreDrill } from "../workflows/restore-drill.ts";
import type { CoreStack } from "./core.ts";
import type { DataStack } from "./data.ts";

export interface WorkflowsProps extends StackProps {
  readonly deployment: Deployment;
  readonly codeOf: CodeOf;
  readonly data: DataStack;
  readonly core: CoreStack;
}

export class WorkflowsStack extends Stack {
  readonly restoreDrill: StateMachine;

  constructor(scope: Construct, id: string, { deployment, codeOf, data, core, ...props }: WorkflowsProps) {
    super(scope, id, props);
    const entry = lambdaFunctions.find(({ name }) => name === "restore-check");
    if (entry === undefined) throw new TypeError("functions/registry.ts has no function `restore-check`");
    const boundary = new Boundary(this, roleName(deployment, "workflows-boundary"));
    new RegistryFunction(this, "RestoreCheck", {
      deployment,
      codeOf,
      entry,
      dataKey: data.dataKey,
      failures: core.failures,
      boundary,
      tracing: tracingPolicy(this, boundary),
      environment: { TRSTCTL_CORE_TABLE: drillName(deployment), TRSTCTL_LANES: String(lanes) },
      // Of all tenants, and of a copy alone: nothing that lives is within its reach.
      statements: [
        new PolicyStatement({
          sid: "ReadCopy",
          actions: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
          resources: [drillCopyArn(deployment)],
        }),
      ],
    });
    const drill = new Construct(this, "RestoreDrill");
    const check = functionArn(deployment, entry.name);
    const role = drillRole(drill, {
      deployment,
      coreTableArn: data.coreTable.tableArn,
      dataKeyArn: data.dataKey.keyArn,
      checkArn: check,
      boundary,
    });
    this.restoreDrill = new StateMachine(drill, "StateMachine", {
      stateMachineName: drillName(deployment),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(
        this.toJsonString(
          restoreDrill({
            source: data.coreTable.tableName,
            copy: drillName(deployment),
            check,
            topic: `arn:${Aws.PARTITION}:sns:${Aws.REGION}:${Aws.ACCOUNT_ID}:${alarmTopicName(deployment)}`,
          }),
        ),
      ),
      role: role.withoutPolicyUpdates(),
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: true,
        destination: logGroup(drill, "Log", {
          deployment,
          dataKey: data.dataKey,
          service: "vendedlogs/states",
          entry: "restore-drill",
        }),
      },
    });
    new CfnOutput(this, "RestoreDrillArn", { value: this.restoreDrill.stateMachineArn, description: "Start it" });
  }
}
