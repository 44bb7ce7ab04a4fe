/**
 * Names that are known before anything is deployed: by them the CLI finds a function, a stack another's without importing
 * it, and a policy a role that is made later. Roles are the account's, so theirs carry the Region.
 */
import { Aws } from "aws-cdk-lib";
import type { Deployment } from "./context.ts";

export const functionName = ({ name }: Deployment, entry: string): string => `${name}-${entry}`;
export const roleName = ({ name }: Deployment, entry: string): string => `${name}-${entry}-${Aws.REGION}`;
export const stackName = ({ name }: Deployment, stack: string): string => `${name}-${stack}`;

export const roleArn = (deployment: Deployment, entry: string, account: string = Aws.ACCOUNT_ID): string =>
  `arn:${Aws.PARTITION}:iam::${account}:role/${roleName(deployment, entry)}`;

/** Alias that callers use; a deployment moves it. */
export const liveAlias = "live";

/** @param account where the function is, when not in the stack's own */
export const functionArn = (deployment: Deployment, entry: string, account: string = Aws.ACCOUNT_ID): string =>
  `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${account}:function:${functionName(deployment, entry)}`;

export const signerArn = (deployment: Deployment): string =>
  `${functionArn(deployment, "signer", deployment.caAccount)}:${liveAlias}`;

/** SSM parameter with the canary's token, which an operator puts there. */
export const canaryParameter = ({ name }: Deployment): string => `/${name}/canary-token`;

/** SSM parameter with the identity providers, which an operator puts there. */
export const signInParameter = ({ name }: Deployment): string => `/${name}/sign-in`;

/** SSM parameter with the public URLs (`shared/contracts/config/aws.ts`), written by the edge or the operator. */
export const settingsParameter = ({ name }: Deployment): string => `/${name}/settings`;

/** Of the state machine, and of the copy that it makes: one drill at a time, so that policies can name the copy. */
export const drillName = ({ name }: Deployment): string => `${name}-restore-drill`;

export const drillCopyArn = (deployment: Deployment): string =>
  `arn:${Aws.PARTITION}:dynamodb:${Aws.REGION}:${Aws.ACCOUNT_ID}:table/${drillName(deployment)}`;

export const drillArn = (deployment: Deployment): string =>
  `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:stateMachine:${drillName(deployment)}`;

/** The topic that alarms go to. */
export const alarmTopicName = (deployment: Deployment): string => functionName(deployment, "alarms");
