/** The edge's web ACL, alone: CloudFront takes it from us-east-1, wherever everything else is. */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { edgeWebAcl } from "../constructs/web-acl.ts";
import type { Deployment } from "../context.ts";

export interface WafProps extends StackProps {
  readonly deployment: Deployment;
}

/** Of the stack's one output, which is the edge stack's parameter of the same name. */
export const webAclOutput = "WebAclArn";

export class WafStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, ...props }: WafProps) {
    super(scope, id, props);
    const acl = edgeWebAcl(this, "WebAcl", deployment);
    new CfnOutput(this, webAclOutput, { value: acl.attrArn, description: "Web ACL of the edge's distributions" });
  }
}
