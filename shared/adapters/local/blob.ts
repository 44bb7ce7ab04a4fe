/** Blob as files below one directory, which one process owns. */
import { rmSync, mkdirSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes } from "#shared/crypto/random";
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { Blob } from "#shared/ports/blob";
import { checkBlobKey, checkBlobPrefix } from "./blob-key.ts";

const page = 1000;
/** A key may be a prefix of another's path; the mark, which no key may hold, keeps file and directory apart. */
const fileMark = "@";
/** No tenant id starts with a dot. */
const temporary = ".tmp";

export function fileBlob(rootDir: string): Blob {
  const temporaryDir = join(rootDir, temporary);
  /** Directories whose own entry is known to be on disk. */
  const durable = new Set<string>([rootDir]);
  try {
    mkdirSync(rootDir, { recursive: true, mode: 0o700 });
    // What a killed process left half written.
    rmSync(temporaryDir, { recursive: true, force: true });
    mkdirSync(temporaryDir, { mode: 0o700 });
  } catch (cause) {
    throw new Failure("misconfigured", `${rootDir} cannot be used: check that it is a directory and ours to write`, {
      cause,
    });
  }

  const pathOf = (key: string): string => join(rootDir, `${key}${fileMark}`);

  /** Makes the directory and syncs every new entry on the way to it: an entry that is not synced dies with the power. */
  async function makeDurable(dir: string): Promise<void> {
    if (durable.has(dir)) return;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const parent = dirname(dir);
    await makeDurable(parent);
    await syncDir(parent);
    if (durable.size > 100_000) durable.clear();
    durable.add(dir).add(rootDir);
  }

  /** Every key below `dir` in ascending order, without those up to `after`. */
  async function* walk(dir: string, prefix: string, after: string): AsyncGenerator<string> {
    const entries = await readdir(dir, { withFileTypes: true }).catch(noneIfAbsent);
    const names = (entries ?? [])
      .filter((entry) => entry.isDirectory() || entry.name.endsWith(fileMark))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name.slice(0, -fileMark.length)));
    // With its slash a directory sorts among the files where its keys belong.
    for (const name of names.sort()) {
      const key = prefix + name;
      if (!name.endsWith("/")) {
        if (key > after) yield key;
      } else if (key > after.slice(0, key.length) || after.startsWith(key)) {
        yield* walk(join(dir, name), key, after);
      }
    }
  }

  return {
    put: (key, bytes) =>
      guarded(async () => {
        checkBlobKey(key);
        const path = pathOf(key);
        const dir = dirname(path);
        await makeDurable(dir);
        const draft = join(temporaryDir, hex(randomBytes(16)));
        try {
          const file = await open(draft, "wx", 0o600);
          try {
            await file.writeFile(bytes);
            await file.sync();
          } finally {
            await file.close();
          }
          await rename(draft, path);
        } catch (error) {
          await unlink(draft).catch(noneIfAbsent);
          throw error;
        }
        await syncDir(dir);
      }),

    get: (key) =>
      guarded(async () => {
        checkBlobKey(key);
        const bytes = await readFile(pathOf(key)).catch(noneIfAbsent);
        return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      }),

    delete: (key) =>
      guarded(async () => {
        checkBlobKey(key);
        const path = pathOf(key);
        const gone = await unlink(path).then(() => true, noneIfAbsent);
        if (gone) await syncDir(dirname(path));
      }),

    list: (prefix, after = "") =>
      guarded(async () => {
        checkBlobPrefix(prefix);
        const keys: string[] = [];
        for await (const key of walk(join(rootDir, prefix), prefix, after)) {
          keys.push(key);
          if (keys.length === page) break;
        }
        return keys;
      }),
  };
}

async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

function noneIfAbsent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
}

const unavailable = new Set(["ENOSPC", "EDQUOT", "EIO", "EROFS", "EMFILE", "ENFILE", "EACCES", "EPERM"]);

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!unavailable.has(codeOf(cause))) throw cause;
    const detail = `the file store cannot be read or written (${codeOf(cause)}): check space and rights on its disk`;
    throw new Failure("unavailable", detail, { cause });
  }
}
