/** Which servers this user knows, and which one a command is for. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { configDirectory, hostProfilePath, setting } from "../places.ts";
import { readProfile, type Profile } from "./profile-file.ts";

/** The one that the host of this clone writes. */
export const hostProfileName = "local";

export interface ChosenProfile {
  /** Of a file given by its path: the path. */
  readonly name: string;
  readonly path: string;
  /** Why this one, for people. */
  readonly because: string;
}

const shape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** `TRSTCTL_PROFILE` may name a file as well. */
const isPath = (text: string): boolean => text.includes("/") || text.endsWith(".json");

const profilesDirectory = (environment: Environment): string => join(configDirectory(environment), "profiles");
const currentPath = (environment: Environment): string => join(configDirectory(environment), "profile");

/** @throws Failure `misconfigured` for what is no name @param from what it was given by */
export function profilePathOf(environment: Environment, name: string, from: string): string {
  if (!shape.test(name) || name.endsWith(".json"))
    throw new Failure(
      "misconfigured",
      `${from}: expected a profile's name (letters, digits, . _ and -, 63 at most), got ${JSON.stringify(name)}`,
    );
  return name === hostProfileName ? hostProfilePath(environment) : join(profilesDirectory(environment), `${name}.json`);
}

/** The one that `trstctl profile use` chose; undefined: none. */
export function currentProfile(environment: Environment): string | undefined {
  try {
    return readFileSync(currentPath(environment), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** `--profile` or TRSTCTL_PROFILE, else that of TRSTCTL_DATA_DIR, else the one in use, else that of this clone's host. */
export function chosenProfile(environment: Environment): ChosenProfile {
  const asked = setting(environment, "TRSTCTL_PROFILE");
  if (asked !== undefined)
    return isPath(asked)
      ? { name: asked, path: asked, because: "TRSTCTL_PROFILE" }
      : {
          name: asked,
          path: profilePathOf(environment, asked, "--profile or TRSTCTL_PROFILE"),
          because: "--profile or TRSTCTL_PROFILE",
        };
  const ofHost = { name: hostProfileName, path: hostProfilePath(environment) };
  if (setting(environment, "TRSTCTL_DATA_DIR") !== undefined) return { ...ofHost, because: "TRSTCTL_DATA_DIR" };
  const current = currentProfile(environment);
  return current === undefined || current === hostProfileName
    ? { ...ofHost, because: "this clone's host" }
    : {
        name: current,
        path: profilePathOf(environment, current, currentPath(environment)),
        because: "trstctl profile use",
      };
}

/** @throws Failure `misconfigured` with the way to get one */
export const readChosen = ({ name, path }: ChosenProfile): Promise<Profile> =>
  readProfile(
    path,
    name === hostProfileName
      ? `no host is known: ${path} does not exist. Start one with: npm start. For another: trstctl login <url>, or set TRSTCTL_URL, TRSTCTL_TOKEN and TRSTCTL_CA_FILE`
      : isPath(name)
        ? `no host is known: ${path} does not exist. TRSTCTL_PROFILE names that file`
        : `there is no profile ${name}. trstctl profile list shows which there are; trstctl login <url> --profile ${name} makes it`,
  );

/** Names of what there is, this clone's host first. */
export function profileNames(environment: Environment): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(profilesDirectory(environment));
  } catch {
    files = [];
  }
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -".json".length));
  return [hostProfileName, ...names.filter((name) => shape.test(name)).toSorted()];
}

/** From now on commands are for this one. */
export async function keepCurrent(environment: Environment, name: string): Promise<void> {
  await mkdir(configDirectory(environment), { recursive: true, mode: 0o700 });
  await writeFile(currentPath(environment), `${name}\n`, { mode: 0o600 });
}

export async function forgetProfile(environment: Environment, name: string): Promise<void> {
  await rm(profilePathOf(environment, name, "profile"));
  if (currentProfile(environment) === name) await rm(currentPath(environment));
}
