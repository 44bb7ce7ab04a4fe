/** The signer's own directory: key store and journal belong together, and one without the other is refused. */
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#shared/kernel/failure";
import { holdLock } from "#shared/kernel/process-lock";
import { makeDirectoryDurably } from "./durable-file.ts";
import { keyFiles } from "./keys/key-files.ts";

export interface SignerDirectory {
  readonly keys: string;
  readonly journal: string;
  /** There has never been a key: the first start. */
  readonly fresh: boolean;
}

/** Of a signer that is ending. */
const dyingMs = 10_000;

/**
 * A supervisor that was killed leaves its signer behind for a moment: two would write one journal, and the older one would
 * take the socket of the newer one away as it goes.
 * @throws Failure `unavailable` while another signer works there
 */
export function lockSignerDirectory(path: string): void {
  try {
    holdLock(join(path, "lock"), dyingMs);
  } catch (cause) {
    throw new Failure("unavailable", `another signer is at work in ${path}`, { cause });
  }
}

/** @throws Failure `misconfigured` with the way out */
export function openSignerDirectory(path: string): SignerDirectory {
  makeDirectoryDurably(path);
  if ((lstatSync(path).mode & 0o077) !== 0)
    throw new Failure("misconfigured", `${path} can be entered by others; chmod 700 ${path}`);
  const keys = join(path, "keys");
  const journal = join(path, "journal");
  const fresh = keyFiles(keys).length === 0;
  // A new journal beside old keys would let the guard forget what they have signed.
  if (!fresh && !existsSync(journal))
    throw new Failure(
      "misconfigured",
      `journal ${journal} is missing while there are keys in ${keys}; restore both from the same backup`,
    );
  return { keys, journal, fresh };
}
