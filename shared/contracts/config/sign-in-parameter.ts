/**
 * Who may sign in by which identity provider, on AWS: the operator's document (sign-in.ts) and beside it what on one machine
 * stands in files, in one parameter that only the sign-in function reads.
 */
import * as z from "zod";
import { checkSignIn, type SignInSettings } from "./sign-in.ts";

const byProvider = z.record(z.string(), z.string().min(1)).default({});
const parameter = z.strictObject({
  providers: z.record(z.string(), z.unknown()),
  /** By the id of the provider; one that is not here is a public client's, which PKCE alone protects. */
  client_secrets: byProvider,
  /** PEM of the certificates that alone vouch for the provider's servers. */
  authorities: byProvider,
});

export interface SignInParameter {
  readonly settings: SignInSettings;
  readonly secrets: ReadonlyMap<string, string>;
  readonly authorities: ReadonlyMap<string, string>;
}

/** Names of files that are not there: what they would hold stands beside the providers. */
const files = { client_secret_file: "client_secrets", ca_file: "authorities" } as const;

/** @returns what is wrong, each problem with its place */
export function checkSignInParameter(document: unknown): SignInParameter | readonly string[] {
  const parsed = parameter.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".") || "document"}: ${message}`);
  const { providers, client_secrets: secrets, authorities } = parsed.data;
  const settings = checkSignIn({ providers });
  const problems = "providers" in settings ? [] : [...settings];
  for (const [id, provider] of Object.entries(providers))
    for (const [field, instead] of Object.entries(files))
      if (typeof provider === "object" && provider !== null && Object.hasOwn(provider, field))
        problems.push(`providers.${id}.${field}: there are no files here; put it into ${instead}.${id}`);
  for (const [place, given] of Object.entries({ client_secrets: secrets, authorities }))
    for (const id of Object.keys(given))
      if (!Object.hasOwn(providers, id)) problems.push(`${place}.${id}: there is no such provider`);
  for (const [id, pem] of Object.entries(authorities))
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) problems.push(`authorities.${id}: holds no PEM certificate`);
  if (problems.length > 0 || !("providers" in settings)) return problems;
  return { settings, secrets: new Map(Object.entries(secrets)), authorities: new Map(Object.entries(authorities)) };
}
