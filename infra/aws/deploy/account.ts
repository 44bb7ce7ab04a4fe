/** Where a deployment goes, and whether it can go there: looked at before anything is changed. */
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Deployment } from "../context.ts";

/** What the operator has to mend first; its message is all that is shown. */
export class NotReady extends Error {}

export interface Place {
  readonly account: string;
  readonly region: string;
  /** Who deploys. */
  readonly identity: string;
}

/** Of bootstrap stacks that the CLI's pinned version works with. */
const oldestBootstrap = 21;

/**
 * @param region that the AWS settings of the shell name
 * @throws NotReady
 */
export async function placeOf(deployment: Deployment, region: string | undefined): Promise<Place> {
  const home = deployment.region ?? region;
  if (home === undefined) throw new NotReady("which Region? Say -c region=eu-central-1, or set AWS_REGION.");
  const { account, identity } = await identityAt(home);
  if (deployment.account !== undefined && deployment.account !== account)
    throw new NotReady(
      `the credentials are those of account ${account} (${identity}), -c account says ${deployment.account}. Use a profile of that account (AWS_PROFILE), or another context.`,
    );
  return { account, region: home, identity };
}

async function identityAt(region: string): Promise<{ account: string; identity: string }> {
  try {
    const { Account, Arn } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
    return { account: Account ?? "", identity: Arn ?? "" };
  } catch (error) {
    const { name, message } = error as Error;
    const why =
      name === "CredentialsProviderError"
        ? "there are no AWS credentials"
        : `AWS refuses the credentials (${name}: ${message})`;
    throw new NotReady(
      `${why}. Sign in (\`aws sso login\`, AWS_PROFILE, or AWS_ACCESS_KEY_ID and its fellows) and try again.`,
      { cause: error },
    );
  }
}

/** @throws NotReady that names the command that mends it */
export async function requireBootstrap({ account, region }: Place, trusted?: string): Promise<void> {
  const trust =
    trusted === undefined
      ? ""
      : ` --trust ${trusted} --cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess`;
  const mend = `npx cdk bootstrap aws://${account}/${region}${trust}`;
  const name = "/cdk-bootstrap/hnb659fds/version";
  let version: number;
  try {
    const { Parameter } = await new SSMClient({ region }).send(new GetParameterCommand({ Name: name }));
    version = Number(Parameter?.Value);
  } catch (error) {
    if (error instanceof ParameterNotFound)
      throw new NotReady(`account ${account} has not been prepared for CDK in ${region}. Run: ${mend}`, {
        cause: error,
      });
    throw new NotReady(`cannot see whether CDK is prepared in ${region}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!(version >= oldestBootstrap))
    throw new NotReady(
      `CDK's preparation of ${region} is version ${version}, ${oldestBootstrap} is needed. Run: ${mend}`,
    );
}
