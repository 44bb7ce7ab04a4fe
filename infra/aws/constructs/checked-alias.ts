/**
 * The signer's alias: moves to a new version at once, two guards at work together being more to reason about than one, and
 * only after that version answered what is known (`functions/signer-check`).
 */
import { Aws } from "aws-cdk-lib";
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Alias, type IFunction, type IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { LambdaFunction } from "#functions/registry";
import { acknowledge } from "../acknowledge.ts";
import { functionArn, functionName, liveAlias, roleName } from "../names.ts";
import { type FunctionSurroundings, RegistryFunction } from "./registry-function.ts";

export interface CheckedAliasProps extends FunctionSurroundings {
  readonly signer: RegistryFunction;
  /** Of the function that asks. */
  readonly entry: LambdaFunction;
}

export function checkedAlias(scope: Construct, { signer, entry, ...surroundings }: CheckedAliasProps): Alias {
  const { deployment } = surroundings;
  const version = signer.function.currentVersion;
  const named = functionName(deployment, "signer");
  const check = new RegistryFunction(scope, "SignerCheck", {
    ...surroundings,
    entry,
    environment: { TRSTCTL_SIGNER_VERSION: version.functionArn },
    statements: [
      new PolicyStatement({
        sid: "NewVersion",
        actions: ["lambda:InvokeFunction"],
        resources: [version.functionArn],
      }),
      new PolicyStatement({
        sid: "Tell",
        actions: ["codedeploy:PutLifecycleEventHookExecutionStatus"],
        resources: [
          `arn:${Aws.PARTITION}:codedeploy:${Aws.REGION}:${Aws.ACCOUNT_ID}:deploymentgroup:${named}/${named}`,
        ],
      }),
    ],
  });
  const alias = new Alias(scope, "Live", { aliasName: liveAlias, version: version as IVersion });
  new LambdaDeploymentGroup(scope, "Release", {
    application: new LambdaApplication(scope, "Releases", { applicationName: named }),
    deploymentGroupName: named,
    alias,
    role: releaseRole(
      scope,
      roleName(deployment, "signer-release"),
      functionArn(deployment, entry.name),
    ).withoutPolicyUpdates(),
    deploymentConfig: LambdaDeploymentConfig.ALL_AT_ONCE,
    preHook: check.function as IFunction,
    autoRollback: { failedDeployment: true, stoppedDeployment: true },
  });
  return alias;
}

/** CodeDeploy's own policy lets it call hooks of names of its own only. */
function releaseRole(scope: Construct, name: string, hookArn: string): Role {
  const role = new Role(scope, "ReleaseRole", {
    roleName: name,
    assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("service-role/AWSCodeDeployRoleForLambdaLimited")],
    inlinePolicies: {
      hook: new PolicyDocument({
        statements: [new PolicyStatement({ sid: "Hook", actions: ["lambda:InvokeFunction"], resources: [hookArn] })],
      }),
    },
  });
  acknowledge(
    role,
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
    "AWS keeps it in step with what CodeDeploy calls; assumed by CodeDeploy only.",
  );
  return role;
}
