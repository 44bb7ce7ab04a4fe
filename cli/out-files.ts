/** Files that a command writes. A file for a secret is made before the request, so a full or forbidden place costs no key. */
import { open, unlink, writeFile, type FileHandle } from "node:fs/promises";
import { Failure } from "#shared/kernel/failure";
import { UsageError } from "./failures.ts";
import type { Row } from "./output.ts";

export interface OutFlag {
  /** With its dashes. */
  readonly flag: string;
  /** Under which commander keeps it. */
  readonly attribute: string;
  readonly summary: string;
  /** A file name, for the example. */
  readonly example: string;
  /** Mode 0600 and never over an existing file. */
  readonly secret?: true;
}

export interface OutFiles {
  /** Path that was asked for. */
  readonly path: (flag: OutFlag) => string | undefined;
  /** Writes to the path asked for. @throws Failure `unprocessable` when the file cannot be written */
  readonly write: (flag: OutFlag, text: string) => Promise<void>;
  /** Removes the files that were made and not written. */
  readonly close: () => Promise<void>;
}

/** @throws UsageError when a secret's file is there already or cannot be made */
export async function openOutFiles(flags: readonly OutFlag[], options: Row): Promise<OutFiles> {
  const pathOf = (flag: OutFlag): string | undefined =>
    typeof options[flag.attribute] === "string" ? (options[flag.attribute] as string) : undefined;
  const reserved = new Map<OutFlag, FileHandle>();
  const written = new Set<OutFlag>();
  const close = async (): Promise<void> => {
    for (const [flag, handle] of reserved) {
      await handle.close();
      if (!written.has(flag)) await unlink(pathOf(flag) ?? "");
    }
    reserved.clear();
  };
  for (const flag of flags) {
    const path = pathOf(flag);
    if (path === undefined || !flag.secret) continue;
    try {
      reserved.set(flag, await open(path, "wx", 0o600));
    } catch (error) {
      await close();
      throw new UsageError(
        `${flag.flag} ${path}: ${(error as NodeJS.ErrnoException).code === "EEXIST" ? "is there already and may hold a key: name another file, or move that one away" : (error as Error).message}`,
      );
    }
  }
  return {
    path: pathOf,
    write: async (flag, text) => {
      const path = pathOf(flag);
      if (path === undefined) return;
      const handle = reserved.get(flag);
      try {
        await (handle === undefined ? writeFile(path, text) : handle.writeFile(text));
        await handle?.sync();
        written.add(flag);
      } catch (error) {
        throw new Failure(
          "unprocessable",
          `the request was carried out, but ${path} cannot be written: ${(error as Error).message}`,
          { cause: error },
        );
      }
    },
    close,
  };
}
