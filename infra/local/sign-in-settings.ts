/** The identity providers of one machine: the operator's document, read by the supervisor to judge it and by the host to use it. */
import { readSignInFile } from "#shared/adapters/local/sign-in-file";
import { createProviders } from "#shared/adapters/oidc/providers";
import type { ProviderDeps } from "#shared/adapters/oidc/provider";
import type { HostConfig } from "#shared/contracts/config/host";
import { Failure } from "#shared/kernel/failure";
import type { SignInByProvider } from "#shared/ports/identity-provider";
import { readableProblem } from "./places-apart.ts";
import type { Places } from "./places.ts";

type Setting = Pick<Partial<HostConfig>, "TRSTCTL_SIGN_IN_FILE">;

export function signInFileProblems({ TRSTCTL_SIGN_IN_FILE: path }: Setting, places: Places): readonly string[] {
  if (path === undefined) return [];
  const found = readSignInFile(path);
  if (!("settings" in found)) return found;
  return found.files
    .flatMap((file) => readableProblem(places, file) ?? [])
    .map((text) => `TRSTCTL_SIGN_IN_FILE: ${text}`);
}

/** What the host is let read beside its own. */
export function signInFiles({ TRSTCTL_SIGN_IN_FILE: path }: Setting): readonly string[] {
  const found = path === undefined ? [] : readSignInFile(path);
  return "settings" in found ? found.files : [];
}

/** @throws Failure `misconfigured` for a document that has changed since the supervisor read it */
export function signInOf({ TRSTCTL_SIGN_IN_FILE: path }: Setting, deps: ProviderDeps): SignInByProvider {
  if (path === undefined) return new Map();
  const found = readSignInFile(path);
  if ("settings" in found) return createProviders(found.settings, found, deps);
  throw new Failure("misconfigured", `the configuration is refused:\n${found.map((p) => `  - ${p}`).join("\n")}`);
}
