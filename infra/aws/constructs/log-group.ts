/** A log with an end and our key, under a name that says whose it is. */
import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Deployment } from "../context.ts";
import { functionName } from "../names.ts";
import { profiles } from "../profile.ts";

export interface LogOf {
  readonly deployment: Deployment;
  readonly dataKey: IKey;
  /** `lambda` or `apigateway`: what writes it. */
  readonly service: string;
  readonly entry: string;
}

export const logGroup = (scope: Construct, id: string, { deployment, dataKey, service, entry }: LogOf): LogGroup =>
  new LogGroup(scope, id, {
    logGroupName: `/aws/${service}/${functionName(deployment, entry)}`,
    retention: profiles[deployment.profile].logRetention,
    encryptionKey: dataKey,
    removalPolicy: deployment.profile === "regulated" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
