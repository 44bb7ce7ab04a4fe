/** The key encryption key: 32 bytes in a file of its owner's alone, never below the data directory, never in a backup. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { makeDirectoryDurably, writeFileDurably } from "../durable-file.ts";
import { readSecretFile } from "./secret-file.ts";

const kekBytes = 32;

/** @throws Failure `misconfigured` when the file is missing, not 32 bytes, a link, or readable by others. */
export function readKek(path: string): SecretBytes {
  const key = readSecretFile({
    what: "key encryption key",
    path,
    missing: "restore it from where it was kept: without it the keys cannot be opened",
  });
  const { length } = key.reveal();
  if (length === kekBytes) return key;
  key.wipe();
  throw new Failure(
    "misconfigured",
    `key encryption key ${path} has ${length} bytes instead of ${kekBytes}; restore the original file`,
  );
}

/**
 * Makes the key when there is none: whole on the disk or not at all. For the first start of a signer without keys only.
 * @throws Failure `conflict` when there is one
 */
export function createKek(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new Failure("conflict", `there is a key encryption key at ${path} already`);
  makeDirectoryDurably(dirname(path));
  const key = randomBytes(kekBytes);
  writeFileDurably(path, key);
  key.fill(0);
}
