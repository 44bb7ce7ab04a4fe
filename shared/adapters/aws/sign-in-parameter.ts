/** The operator's identity providers, from a SecureString of Systems Manager: put there by the operator, read by sign-in alone. */
import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { checkSignInParameter, type SignInParameter } from "#shared/contracts/config/sign-in-parameter";
import { Failure } from "#shared/kernel/failure";
import { jsonProblem } from "#shared/kernel/json";
import { exceptionName, serviceFailure } from "./service-failure.ts";

/**
 * @returns undefined when there is none: nobody signs in by a provider
 * @throws Failure `misconfigured` with everything that is wrong in it, `unavailable`
 */
export async function fetchSignIn(client: SSMClient, name: string): Promise<SignInParameter | undefined> {
  const place = `parameter ${name}`;
  let text: string;
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    text = Parameter?.Value ?? "";
  } catch (error) {
    if (exceptionName(error) === "ParameterNotFound") return undefined;
    throw serviceFailure(error, { shown: "the providers' settings", place });
  }
  const found = checked(text);
  if ("settings" in found) return found;
  throw new Failure("misconfigured", `${place} is refused:\n${found.map((one) => `  - ${one}`).join("\n")}`);
}

function checked(text: string): SignInParameter | readonly string[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return [jsonProblem(error)];
  }
  return checkSignInParameter(document);
}
