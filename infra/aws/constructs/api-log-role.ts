/** By this API Gateway writes the logs of REST APIs. It is a setting of the account and Region, which the last stack wins. */
import { RemovalPolicy } from "aws-cdk-lib";
import { CfnAccount } from "aws-cdk-lib/aws-apigateway";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { acknowledge } from "../acknowledge.ts";
import type { Construct } from "constructs";

export function apiLogRole(scope: Construct): CfnAccount {
  const role = new Role(scope, "ApiLogRole", {
    assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("service-role/AmazonAPIGatewayPushToCloudWatchLogs")],
  });
  acknowledge(
    role,
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
    "The policy that API Gateway documents for its account setting, which it checks; logs only, assumed by API Gateway only.",
  );
  const account = new CfnAccount(scope, "ApiAccount", { cloudWatchRoleArn: role.roleArn });
  // Other APIs of the account may have come to need it.
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return account;
}
