/** What a deploy asks of a version of the signer, and how it tells CodeDeploy what came of it. */
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Failure } from "#shared/kernel/failure";
import { readSignerMessage, signerMessage } from "./signer-wire.ts";

export interface AskedVersion {
  /** ARN of the very version. */
  readonly version: string;
  readonly client?: Pick<LambdaClient, "send">;
}

/**
 * The known-answer check of a version (`functions/signer/known-answer.ts`).
 *
 * @returns what was shown
 * @throws Failure that says what was not
 */
export async function askKnownAnswer({
  version,
  client = new LambdaClient({}),
}: AskedVersion): Promise<readonly string[]> {
  const question = signerMessage({ header: { method: "known-answer" } });
  const answer = await client.send(
    new InvokeCommand({ FunctionName: version, Payload: Buffer.from(JSON.stringify(question)) }),
  );
  if (answer.FunctionError !== undefined)
    throw new Failure("unavailable", `${version} ended without an answer; its log says why`);
  const header = readSignerMessage(JSON.parse(Buffer.from(answer.Payload ?? []).toString("utf8"))).header as {
    readonly ok?: unknown;
    readonly detail?: unknown;
    readonly shown?: unknown;
  };
  if (header.ok !== true) throw new Failure("internal", `${version} refuses: ${String(header.detail)}`);
  if (!Array.isArray(header.shown) || header.shown.length === 0)
    throw new Failure("internal", `${version} shows nothing: it is no version that knows the check`);
  return header.shown.map(String);
}

export interface Hook {
  readonly deploymentId: string;
  readonly lifecycleEventHookExecutionId: string;
}

/** Without it CodeDeploy waits for an hour, and then takes the deployment for failed. */
export async function tellCodeDeploy(
  hook: Hook,
  status: "Succeeded" | "Failed",
  client: Pick<CodeDeployClient, "send"> = new CodeDeployClient({}),
): Promise<void> {
  await client.send(new PutLifecycleEventHookExecutionStatusCommand({ ...hook, status }));
}
