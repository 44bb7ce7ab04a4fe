/** The port Signer by Lambda Invoke: `{operation, arguments}` there, `{ok}` or `{failure}` back; bytes are `{base64}`. */
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure, type FailureCode } from "#shared/kernel/failure";
import type { Signer } from "#shared/ports/signer";
import { serviceFailure } from "./service-failure.ts";

/** A signature waits for the journal and the key; whoever asked for it waits no longer than an API does. */
export const lambdaClient = (options: LambdaClientConfig = {}): LambdaClient =>
  new LambdaClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 20_000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

export interface LambdaSigner {
  /** Name or ARN, with its alias. */
  readonly functionName: string;
  readonly client?: LambdaClient;
}

type SignerAnswer =
  | { readonly ok: unknown }
  | { readonly failure: { readonly code: FailureCode; readonly message: string; readonly retryAfter?: number } };

export function lambdaSigner({ functionName, client = lambdaClient() }: LambdaSigner): Signer {
  async function ask<T>(operation: keyof Signer, ...values: readonly unknown[]): Promise<T> {
    const Payload = new TextEncoder().encode(JSON.stringify({ operation, arguments: values }, asBase64));
    const answer = await client
      .send(new InvokeCommand({ FunctionName: functionName, Payload }))
      .catch((error: unknown) => {
        throw serviceFailure(error, "the signer", {
          ResourceNotFoundException: "does not exist: deploy its stack first",
        });
      });
    const text = new TextDecoder().decode(answer.Payload);
    if (answer.FunctionError !== undefined)
      throw new Failure("unavailable", "the signer failed and does not say why: its log does; try again");
    const said = JSON.parse(text, asBytes) as SignerAnswer;
    if ("ok" in said) return said.ok as T;
    const { code, message, retryAfter } = said.failure;
    throw new Failure(code, message, retryAfter === undefined ? {} : { retryAfter });
  }
  return {
    generateKey: (spec) => ask("generateKey", spec),
    sign: (request) => ask("sign", request),
    decrypt: (request) => ask("decrypt", request),
    journal: (tenant, after, limit) => ask("journal", tenant, after, limit),
    health: () => ask("health"),
  };
}

const asBase64 = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: base64(value) } : value;

const asBytes = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "base64" in value ? fromBase64(String(value.base64)) : value;
