/** The operator's document of identity providers on one machine, with the files that it names. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { HostConfig } from "#shared/contracts/config/host";
import { checkSignIn, type SignInSettings } from "#shared/contracts/config/sign-in";
import { isFailure } from "#shared/kernel/failure";
import { jsonProblem } from "#shared/kernel/json";
import { readSecretFile, withoutLineFeed } from "#shared/kernel/secret-file";
import type { SecretBytes } from "#shared/kernel/secret-bytes";

export interface SignInFile {
  readonly settings: SignInSettings;
  readonly secrets: ReadonlyMap<string, SecretBytes>;
  readonly authorities: ReadonlyMap<string, string>;
  /** Absolute paths of all that was read. */
  readonly files: readonly string[];
}

const maxBytes = 1_048_576;
const setting = "TRSTCTL_SIGN_IN_FILE";

/** @returns every problem at once, or what there is; paths in the document start at its directory */
export function readSignInFile(path: string): SignInFile | readonly string[] {
  const file = resolve(path);
  const text = readOperatorFile(file);
  if (typeof text !== "string") return [`${setting}: ${text.problem}`];
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return [`${setting}: ${file}: ${jsonProblem(error)}`];
  }
  const settings = checkSignIn(document);
  if ("length" in settings) return settings.map((problem) => `${setting}: ${problem}`);
  const problems: string[] = [];
  const files = [file];
  const secrets = new Map<string, SecretBytes>();
  const authorities = new Map<string, string>();
  for (const [id, { client_secret_file, ca_file }] of Object.entries(settings.providers)) {
    const place = `${setting}: providers.${id}`;
    if (client_secret_file !== undefined) {
      const named = resolve(dirname(file), client_secret_file);
      files.push(named);
      const secret = readClientSecret(named);
      if (typeof secret === "string") problems.push(`${place}.client_secret_file: ${secret}`);
      else secrets.set(id, secret);
    }
    if (ca_file !== undefined) {
      const named = resolve(dirname(file), ca_file);
      files.push(named);
      const pem = readOperatorFile(named);
      if (typeof pem !== "string") problems.push(`${place}.ca_file: ${pem.problem}`);
      else if (!pem.includes("-----BEGIN CERTIFICATE-----"))
        problems.push(`${place}.ca_file: ${named} holds no PEM certificate`);
      else authorities.set(id, pem);
    }
  }
  return problems.length > 0 ? problems : { settings, secrets, authorities, files };
}

/** Of the setting that names the document, wherever settings are checked. */
export function signInProblems({ TRSTCTL_SIGN_IN_FILE: path }: Pick<Partial<HostConfig>, "TRSTCTL_SIGN_IN_FILE">) {
  const found = path === undefined ? [] : readSignInFile(path);
  return "settings" in found ? [] : found;
}

function readClientSecret(path: string): SecretBytes | string {
  try {
    const missing = "write the client's secret there, mode 0600";
    const secret = withoutLineFeed(readSecretFile({ what: "the client secret", path, missing }));
    return secret.reveal().length > 0 ? secret : `${path} is empty`;
  } catch (error) {
    if (isFailure(error, "misconfigured")) return error.message;
    return `${path} cannot be read (${codeOf(error)})`;
  }
}

/** Whoever may write these decides who signs in: they are their owner's to write. */
function readOperatorFile(path: string): string | { readonly problem: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { problem: `${path} is no file` };
    if ((stat.mode & 0o022) !== 0) return { problem: `${path} can be written by others; chmod go-w ${path}` };
    if (stat.size > maxBytes) return { problem: `${path} is larger than ${maxBytes} bytes` };
    return readFileSync(path, "utf8");
  } catch (error) {
    return { problem: `${path} cannot be read (${codeOf(error)})` };
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown");
