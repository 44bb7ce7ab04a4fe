/** Where clients find this deployment: JSON in one SSM parameter. */
import { GetParameterCommand, SSMClient, type SSMClientConfig } from "@aws-sdk/client-ssm";
import { type PublicSettings, publicSettings } from "#shared/contracts/config/aws";
import { Failure } from "#shared/kernel/failure";
import { type Resource, serviceFailure } from "./service-failure.ts";

export const ssmClient = (options: SSMClientConfig = {}): SSMClient =>
  new SSMClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
    ...options,
    maxAttempts: 3,
  });

const wayOut =
  'deploy the edge stack, which writes it, or put {"publicUrl": "https://…", "revocationBaseUrl": "http://…"} there';

const settingsAt = (name: string): Resource => ({ shown: "the deployment's settings", place: `parameter ${name}` });

/** @throws Failure `misconfigured` when it is not there or says something else */
export async function fetchSettings(client: SSMClient, name: string): Promise<PublicSettings> {
  let text: string | undefined;
  try {
    text = (await client.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;
  } catch (error) {
    throw serviceFailure(error, settingsAt(name), { ParameterNotFound: `does not exist: ${wayOut}` });
  }
  const parsed = publicSettings.safeParse(asJson(text ?? ""));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ");
  throw new Failure("misconfigured", `parameter ${name} is not usable (${problems}): ${wayOut}`);
}

/** @throws Failure `misconfigured` when nobody has put it there */
export async function fetchCredential(client: SSMClient, name: string): Promise<string> {
  const missing = `does not exist: aws ssm put-parameter --type SecureString --name ${name} --value <token>`;
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value ?? "";
  } catch (error) {
    throw serviceFailure(error, settingsAt(name), { ParameterNotFound: missing });
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
