/** Where the host is, which CA vouches for it, and who we are there. */
import { readFile } from "node:fs/promises";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { setting } from "./places.ts";
import { chosenProfile, readChosen, type ChosenProfile } from "./profiles/profiles.ts";

export interface Connection {
  readonly url: URL;
  /** PEM of the only root to trust; undefined: the public ones. */
  readonly ca: string | undefined;
  readonly token: string;
  /** Where it comes from; undefined: from the environment. */
  readonly profile: ChosenProfile | undefined;
}

/**
 * The environment before the profile. A URL from the environment never travels with the token of the profile: that
 * would hand the token to another host.
 * @throws Failure `misconfigured`
 */
export async function connectionFrom(environment: Environment): Promise<Connection> {
  const url = setting(environment, "TRSTCTL_URL");
  const token = setting(environment, "TRSTCTL_TOKEN");
  const caFile = setting(environment, "TRSTCTL_CA_FILE");
  if (url !== undefined && token === undefined)
    throw new Failure(
      "misconfigured",
      "TRSTCTL_URL is set, TRSTCTL_TOKEN is not: set both, or neither to use the profile",
    );
  const profile = url === undefined ? chosenProfile(environment) : undefined;
  const base = profile === undefined ? { url: url ?? "", ca: undefined, token } : await readChosen(profile);
  const ca = caFile === undefined ? base.ca : await readCa(caFile, "TRSTCTL_CA_FILE");
  const held = token ?? base.token;
  if (held === undefined)
    throw new Failure(
      "misconfigured",
      `you are signed out of ${base.url}: run trstctl login${profile === undefined ? "" : ` --profile ${profile.name}`}`,
    );
  return {
    url: parseUrl(base.url, profile === undefined ? "TRSTCTL_URL" : "the profile's url"),
    ca,
    token: checkToken(held),
    profile,
  };
}

/** @param from what named it @throws Failure `misconfigured` */
export async function readCa(path: string, from: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Failure("misconfigured", `${from}: ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @param from what named it @throws Failure `misconfigured` */
export function parseUrl(text: string, from: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.username !== "" || url.search !== "" || url.hash !== "")
    throw new Failure(
      "misconfigured",
      `${from}: expected an https:// URL without user, query or fragment${shown(text)}`,
    );
  return url;
}

/** What stands before an `@` may be a password. */
const shown = (text: string): string => (/[@?#]/.test(text) ? "" : `, got ${JSON.stringify(text)}`);

/** It goes into a header: anything but visible ASCII would be refused there with a worse message. */
function checkToken(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Failure("misconfigured", "the token contains spaces or characters that no token has: copy it again");
  return token;
}
