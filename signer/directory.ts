/** The signer's own directory: key store and journal belong together, and one without the other is refused. */
import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#shared/kernel/failure";
import { makeDirectoryDurably } from "./durable-file.ts";
import { keyFiles } from "./keys/sealed.ts";

export interface SignerDirectory {
  readonly keys: string;
  readonly journal: string;
  /** There has never been a key: the first start. */
  readonly fresh: boolean;
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
