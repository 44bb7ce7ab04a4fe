/** A deployment on AWS: its admin function, invoked with the operator's own IAM identity. No API leads to it. */
import type { InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { adminAnswer } from "#shared/contracts/admin";
import type { Environment } from "#shared/kernel/config";
import { Failure, type FailureCode } from "#shared/kernel/failure";
import { setting } from "./places.ts";
import type { Transport } from "./transport.ts";

export interface Deployment {
  /** Of the CDK context `name`. */
  readonly stack: string;
  readonly region: string | undefined;
}

/** What `token create` and `tenants list` ask of the host, asked of `<stack>-admin`. */
export function functionTransport({ stack, region }: Deployment, environment: Environment): Transport {
  const functionName = `${stack}-admin`;
  return async ({ method, path, body }) => {
    const where = region ?? setting(environment, "AWS_REGION") ?? setting(environment, "AWS_DEFAULT_REGION");
    const asked = { method, path, ...(body !== undefined && { body: JSON.parse(body) as unknown }) };
    const answer = await invoke(where, functionName, JSON.stringify(asked));
    const text = new TextDecoder().decode(answer.Payload);
    if (answer.FunctionError !== undefined) throw functionFailure(functionName, text);
    const parsed = adminAnswer.safeParse(asJson(text));
    if (!parsed.success)
      throw new Failure(
        "malformed",
        `${functionName} gave no answer of this CLI's version: deploy it, or use its version`,
      );
    return { status: parsed.data.status, headers: {}, body: parsed.data.body };
  };
}

async function invoke(region: string | undefined, name: string, payload: string): Promise<InvokeCommandOutput> {
  const { InvokeCommand, LambdaClient: Client } = await import("@aws-sdk/client-lambda");
  const patience = { connectionTimeout: 10_000, requestTimeout: 90_000, throwOnRequestTimeout: true };
  const client: LambdaClient = new Client({ ...(region !== undefined && { region }), requestHandler: patience });
  try {
    return await client.send(new InvokeCommand({ FunctionName: name, Payload: payload }));
  } catch (error) {
    const known = await client.config.region().catch(() => undefined);
    throw failureOf(error, name, known);
  } finally {
    client.destroy();
  }
}

interface Trouble {
  readonly code: FailureCode;
  readonly say: (name: string, region: string) => string;
}

const credentials: Trouble = {
  code: "misconfigured",
  say: () =>
    "AWS does not take these credentials: they are wrong or have ended. Sign in again (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};
const busy: Trouble = {
  code: "unavailable",
  say: (name) => `Lambda does not run ${name} at this moment: try again`,
};
const unreachable: Trouble = {
  code: "unavailable",
  say: (_, region) => `AWS Lambda in ${region} cannot be reached: check the network and the Region's name`,
};

/** By name of the exception, or code of the system. */
const troubles: Readonly<Record<string, Trouble>> = {
  ResourceNotFoundException: {
    code: "misconfigured",
    say: (name, region) =>
      `there is no function ${name} in ${region} of this account: check --stack, --region and whose credentials these are, or deploy first`,
  },
  AccessDeniedException: {
    code: "forbidden",
    say: (name, region) =>
      `your IAM identity may not invoke ${name} in ${region}: it needs lambda:InvokeFunction on that function`,
  },
  CredentialsProviderError: {
    code: "misconfigured",
    say: () =>
      "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (aws sso login)",
  },
  ExpiredTokenException: credentials,
  ExpiredToken: credentials,
  UnrecognizedClientException: credentials,
  InvalidSignatureException: credentials,
  IncompleteSignatureException: credentials,
  TooManyRequestsException: busy,
  ServiceException: busy,
  ResourceConflictException: busy,
  EC2ThrottledException: busy,
  TimeoutError: busy,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
};

function failureOf(error: unknown, name: string, region: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  if (region === undefined)
    return new Failure(
      "misconfigured",
      "no AWS Region is set: use --region, or set AWS_REGION or a profile that has one",
      {
        cause: error,
      },
    );
  const trouble = troubles[error.name] ?? troubles["code" in error ? String(error.code) : ""];
  return trouble === undefined
    ? new Failure("unavailable", `${name} in ${region} could not be invoked: ${error.message}`, { cause: error })
    : new Failure(trouble.code, trouble.say(name, region), { cause: error });
}

/** The function ended with an error, before or outside its answer: that of its start says what is missing. */
function functionFailure(name: string, payload: string): Failure {
  const { errorMessage } = (asJson(payload) ?? {}) as { readonly errorMessage?: unknown };
  const what = typeof errorMessage === "string" ? errorMessage : "without saying why";
  return new Failure("internal", `${name} failed: ${what}; its log group /aws/lambda/${name} has more`);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
