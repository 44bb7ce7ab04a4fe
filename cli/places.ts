/** Where the host of this clone keeps what the CLI needs. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "#shared/kernel/config";

const cloneRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** An empty variable is as good as none. */
export const setting = (environment: Environment, name: string): string | undefined => environment[name] || undefined;

/** Of this machine's host. */
export const dataDirectory = (environment: Environment): string =>
  resolve(cloneRoot, setting(environment, "TRSTCTL_DATA_DIR") ?? ".trstctl");

export const profilePath = (environment: Environment): string =>
  setting(environment, "TRSTCTL_PROFILE") ?? join(dataDirectory(environment), "cli", "profile.json");

export function adminSocketPath(environment: Environment): string {
  const run = setting(environment, "TRSTCTL_RUN_DIR");
  return join(run === undefined ? join(dataDirectory(environment), "run") : resolve(cloneRoot, run), "admin.sock");
}
