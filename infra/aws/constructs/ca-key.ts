/**
 * A CA key in KMS: made by a deployment, claimed by a CA when it is created, never made or ended by the signer.
 *
 * Its policy lets the signer's role alone sign, with one algorithm and the message types that this algorithm needs; everybody
 * else is denied whatever their own policies say. There are no grants, by which the right to sign could be handed on.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { type CaKeyAlgorithm, caKeySpecs } from "../ca-key-algorithms.ts";
import { dangerousOnlyFor, housekeepingByAccount, importOnlyFor } from "./key-policy.ts";

export interface CaKeyProps {
  readonly description: string;
  readonly algorithm: CaKeyAlgorithm;
  /** Made without material, which the break-glass role imports, once. */
  readonly imported?: boolean;
  readonly signerRoleArn: string;
  readonly breakGlassArn: string;
  /** Who may change the policy beside the break-glass role. */
  readonly deployers: readonly string[];
}

export function caKey(scope: Construct, id: string, props: CaKeyProps): CfnKey {
  const { description, algorithm, imported = false, signerRoleArn, breakGlassArn, deployers } = props;
  const { keySpec, signingAlgorithm, messageTypes } = caKeySpecs[algorithm];
  const signer = [new AccountRootPrincipal()];
  const isSigner = { ArnEquals: { "aws:PrincipalArn": signerRoleArn } };
  const denied = (sid: string, action: string, conditions: Record<string, Record<string, unknown>> = {}) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [action],
      resources: ["*"],
      conditions,
    });
  const keyPolicy = new PolicyDocument({
    statements: [
      housekeepingByAccount(),
      new PolicyStatement({
        sid: "Sign",
        principals: signer,
        actions: ["kms:Sign"],
        resources: ["*"],
        conditions: {
          ...isSigner,
          StringEquals: { "kms:SigningAlgorithm": signingAlgorithm, "kms:MessageType": messageTypes },
        },
      }),
      new PolicyStatement({
        sid: "Look",
        principals: signer,
        actions: ["kms:DescribeKey", "kms:GetPublicKey"],
        resources: ["*"],
        conditions: isSigner,
      }),
      denied("NobodyElseSigns", "kms:Sign", { ArnNotEquals: { "aws:PrincipalArn": signerRoleArn } }),
      denied("NoOtherAlgorithm", "kms:Sign", { StringNotEquals: { "kms:SigningAlgorithm": signingAlgorithm } }),
      denied("NoOtherMessage", "kms:Sign", { StringNotEquals: { "kms:MessageType": messageTypes } }),
      denied("NoGrants", "kms:CreateGrant"),
      ...dangerousOnlyFor(breakGlassArn, deployers),
      ...(imported ? importOnlyFor(breakGlassArn) : []),
    ],
  });
  const key = new CfnKey(scope, id, {
    description,
    keySpec,
    keyUsage: "SIGN_VERIFY",
    ...(imported && { origin: "EXTERNAL" }),
    multiRegion: true,
    pendingWindowInDays: 30,
    keyPolicy,
    // Who makes the key may then not change it: KMS would take that for a mistake.
    bypassPolicyLockoutSafetyCheck: deployers.length === 0,
  });
  key.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return key;
}
