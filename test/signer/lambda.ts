/** Lambda's Invoke without Lambda: the signer's real function, its events and answers as JSON, calls to its environments in turn. */
import type { InvokeCommand, InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { serveCall, type SignerFunction } from "#functions/signer/app";
import type { SignerService } from "#signer/service";

const metadata = { $metadata: {} };

export interface InProcessLambda extends Pick<LambdaClient, "send"> {
  /** What was reported to the log. */
  readonly reported: unknown[];
}

export function inProcessLambda(
  environments: readonly SignerService[],
  knownAnswer: SignerFunction["knownAnswer"] = async () => [],
): InProcessLambda {
  let next = 0;
  const reported: unknown[] = [];
  const send = async ({ input }: InvokeCommand): Promise<InvokeCommandOutput> => {
    const event: unknown = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString("utf8"));
    const service = environments[next++ % environments.length] as SignerService;
    const answer = await serveCall(
      event,
      async () => ({ service, knownAnswer }),
      (error) => void reported.push(error),
    );
    return { ...metadata, StatusCode: 200, Payload: Buffer.from(JSON.stringify(answer)) as never };
  };
  return { send: send as unknown as LambdaClient["send"], reported };
}
