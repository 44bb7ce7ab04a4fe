/** The `Signer` port by invoking the signer's function. The same opId makes every call safe to repeat. */
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { Failure } from "#shared/kernel/failure";
import type { Signer } from "#shared/ports/signer";
import { type SignerFrame, signerOver } from "#shared/ports/signer-calls";
import { readSignerMessage, type SignerMessage, signerMessage } from "./signer-wire.ts";

/** A signature waits for a cold start, the journal and the key; whoever asked waits no longer than an API does. */
export const lambdaClient = (options: LambdaClientConfig = {}): LambdaClient =>
  new LambdaClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 20_000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

export interface LambdaSigner {
  /** Name or ARN, with its alias. */
  readonly functionName: string;
  readonly client?: Pick<LambdaClient, "send">;
}

const down = (what: string, retryAfter: number, cause?: unknown): Failure =>
  new Failure("unavailable", `the signer ${what}; try again`, { retryAfter, cause });

/** What an exception of Invoke means, by its name; anything else that it throws is trouble on the way. */
const meanings: Readonly<Record<string, (cause: unknown) => Failure>> = {
  TooManyRequestsException: (cause) => down("is at work for as many as it may", 1, cause),
  EC2ThrottledException: (cause) => down("is at work for as many as it may", 1, cause),
  ResourceNotFoundException: (cause) =>
    new Failure("misconfigured", "the signer's function does not exist: deploy the stack with the keys first", {
      cause,
    }),
  AccessDeniedException: (cause) =>
    new Failure("misconfigured", "this function may not invoke the signer: deploy the stacks of one version", {
      cause,
    }),
  RequestTooLargeException: (cause) =>
    new Failure("too_large", "more than the signer takes at once; a CRL that large wants more shards", { cause }),
  KMSDisabledException: (cause) => down("cannot open its own settings: its data key is disabled", 60, cause),
  KMSInvalidStateException: (cause) => down("cannot open its own settings: its data key is being deleted", 60, cause),
};

export function lambdaSigner({ functionName, client = lambdaClient() }: LambdaSigner): Signer {
  async function invoke(question: SignerMessage): Promise<SignerFrame> {
    const answer = await client
      .send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(question)) }))
      .catch((cause: unknown) => {
        const meaning =
          cause instanceof Error && Object.hasOwn(meanings, cause.name) ? meanings[cause.name] : undefined;
        throw meaning === undefined ? down("is not answering", 1, cause) : meaning(cause);
      });
    // It ended in the middle, or could not start: what it did is in its journal, and the same opId finds it there.
    if (answer.FunctionError !== undefined) throw down("ended without an answer; its log says why", 1);
    try {
      return readSignerMessage(JSON.parse(Buffer.from(answer.Payload ?? []).toString("utf8")));
    } catch (cause) {
      throw new Failure("unavailable", "the signer's answer cannot be read: deploy the stacks of one version", {
        cause,
      });
    }
  }

  return signerOver(async (method, fields, payload) =>
    invoke(signerMessage({ header: { method, ...fields }, ...(payload !== undefined && { payload }) })),
  );
}
