/** One server as this user knows it: a file of mode 0600, since it may hold a token. */
import { mkdir, open, rename, rm, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { randomBytes } from "#shared/crypto/random";
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

const profileFile = z.strictObject({
  url: z.string().min(1),
  /** PEM of the only roots to trust; absent: the public ones. */
  ca: z.string().min(1).optional(),
  /** Absent: signed out. */
  token: z.string().min(1).optional(),
  /** Of `trstctl login`: what the token is. */
  token_id: z.string().optional(),
  tenant: z.string().optional(),
  subject: z.string().optional(),
  expires_at: z.string().optional(),
});
export type Profile = z.output<typeof profileFile>;

/**
 * The mode is that of the opened file, so nobody can swap it between look and read.
 * @param missing says what to do when there is no such file @throws Failure `misconfigured`
 */
export async function readProfile(path: string, missing: string): Promise<Profile> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      "misconfigured",
      error.code === "ENOENT" ? missing : (reasons[error.code ?? ""]?.(path) ?? unread(path, error)),
      { cause: error },
    );
  });
  try {
    return await readOpen(file, path);
  } finally {
    await file.close();
  }
}

async function readOpen(file: FileHandle, path: string): Promise<Profile> {
  const mode = (await file.stat()).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new Failure(
      "misconfigured",
      `the profile ${path} holds a token and has mode ${mode.toString(8)}, open to others. Run: chmod 600 ${path}. If others were on this machine, mint a new token`,
    );
  const text = await file.readFile("utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Failure("misconfigured", unread(path, error), { cause: error });
  });
  const parsed = profileFile.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  throw new Failure("misconfigured", `the profile ${path} must be JSON {url, ca, token}: ${problems.join("; ")}`);
}

const unread = (path: string, { message }: Error): string => `the profile ${path} cannot be read: ${message}`;

const reasons: Readonly<Record<string, (path: string) => string>> = {
  EACCES: (path) =>
    `you may not read the profile ${path}: it belongs to the user who started the host. For your own: trstctl login <url>, or set TRSTCTL_URL, TRSTCTL_TOKEN and TRSTCTL_CA_FILE`,
};

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, and never open to others in between. @throws Failure `misconfigured` */
export async function writeProfile(path: string, profile: Profile): Promise<void> {
  // Nobody else's: a file, or a link to one, that waits under this name is not written to.
  const draft = `${path}.${hex(randomBytes(8))}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new Failure("misconfigured", `the profile ${path} cannot be written: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
