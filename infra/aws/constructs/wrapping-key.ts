/** The key that wraps the signer's other keys: opened by the signer's role alone, and only for the key that the context names. */
import { RemovalPolicy } from "aws-cdk-lib";
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { dangerousOnlyFor, housekeepingByAccount } from "./key-policy.ts";
import type { CaKeyProps } from "./ca-key.ts";

export function wrappingKey(scope: Construct, id: string, props: Omit<CaKeyProps, "algorithm">): CfnKey {
  const { description, signerRoleArn, breakGlassArn, deployers } = props;
  const keyPolicy = new PolicyDocument({
    statements: [
      housekeepingByAccount(),
      new PolicyStatement({
        sid: "Wrap",
        principals: [new AccountRootPrincipal()],
        actions: ["kms:Decrypt", "kms:Encrypt"],
        resources: ["*"],
        conditions: {
          ArnEquals: { "aws:PrincipalArn": signerRoleArn },
          Null: { "kms:EncryptionContextKeys": "false" },
        },
      }),
      new PolicyStatement({
        sid: "NobodyElseUnwraps",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom"],
        resources: ["*"],
        conditions: { ArnNotEquals: { "aws:PrincipalArn": signerRoleArn } },
      }),
      ...dangerousOnlyFor(breakGlassArn, deployers),
    ],
  });
  const key = new CfnKey(scope, id, {
    description,
    enableKeyRotation: true,
    multiRegion: true,
    pendingWindowInDays: 30,
    keyPolicy,
    bypassPolicyLockoutSafetyCheck: deployers.length === 0,
  });
  key.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return key;
}
