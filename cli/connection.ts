/** Where the host is, which CA vouches for it, and who we are there. */
import { open, readFile, type FileHandle } from "node:fs/promises";
import * as z from "zod";
import type { Environment } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import { profilePath, setting } from "./places.ts";

export interface Connection {
  readonly url: URL;
  /** PEM of the only root to trust; undefined: the public ones. */
  readonly ca: string | undefined;
  readonly token: string;
}

const profileFile = z.strictObject({
  url: z.string().min(1),
  ca: z.string().min(1).optional(),
  token: z.string().min(1),
});

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
  const base =
    url !== undefined && token !== undefined
      ? { url, ca: undefined, token }
      : await readProfile(profilePath(environment));
  const ca = caFile === undefined ? base.ca : await readCa(caFile);
  return {
    url: parseUrl(base.url, url === undefined ? "the profile's url" : "TRSTCTL_URL"),
    ca,
    token: checkToken(token ?? base.token),
  };
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Failure("misconfigured", `TRSTCTL_CA_FILE: ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The mode is that of the opened file, so nobody can swap it between look and read. */
async function readProfile(path: string): Promise<z.output<typeof profileFile>> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      "misconfigured",
      profileReasons[error.code ?? ""]?.(path) ?? `the profile ${path} cannot be read: ${error.message}`,
      { cause: error },
    );
  });
  try {
    return await readOpenProfile(file, path);
  } finally {
    await file.close();
  }
}

async function readOpenProfile(file: FileHandle, path: string): Promise<z.output<typeof profileFile>> {
  const mode = (await file.stat()).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new Failure(
      "misconfigured",
      `the profile ${path} holds a token and has mode ${mode.toString(8)}, open to others. Run: chmod 600 ${path}. If others were on this machine, mint a new token`,
    );
  const parsed = profileFile.safeParse(readJson(await file.readFile("utf8")));
  if (!parsed.success)
    throw new Failure(
      "misconfigured",
      `the profile ${path} must be JSON {url, ca, token}: ${parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`).join("; ")}`,
    );
  return parsed.data;
}

const profileReasons: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) =>
    `no host is known: ${path} does not exist. Start one with: npm start. For another host set TRSTCTL_URL, TRSTCTL_TOKEN and TRSTCTL_CA_FILE`,
  EACCES: (path) =>
    `you may not read the profile ${path}: it belongs to the user who started the host. For your own token set TRSTCTL_URL, TRSTCTL_TOKEN and TRSTCTL_CA_FILE`,
};

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseUrl(text: string, from: string): URL {
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
