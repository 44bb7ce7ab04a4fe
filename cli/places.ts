/** Where the host of this clone, and this user, keep what the CLI needs. */
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "#shared/kernel/config";

const cloneRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** An empty variable is as good as none. */
export const setting = (environment: Environment, name: string): string | undefined => environment[name] || undefined;

/** Of this machine's host. */
export const dataDirectory = (environment: Environment): string =>
  resolve(cloneRoot, setting(environment, "TRSTCTL_DATA_DIR") ?? ".trstctl");

/** Written by the host of this clone for the user who started it. */
export const hostProfilePath = (environment: Environment): string =>
  join(dataDirectory(environment), "cli", "profile.json");

/** Of this user: profiles of servers, and which of them is in use. */
export const configDirectory = (environment: Environment): string =>
  join(
    setting(environment, "XDG_CONFIG_HOME") ?? join(setting(environment, "HOME") ?? homedir(), ".config"),
    "trstctl",
  );

export function adminSocketPath(environment: Environment): string {
  const run = setting(environment, "TRSTCTL_RUN_DIR");
  return join(run === undefined ? join(dataDirectory(environment), "run") : resolve(cloneRoot, run), "admin.sock");
}
