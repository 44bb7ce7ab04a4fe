/** The key encryption key: 32 bytes in a file of its owner's alone, never below the data directory, never in a backup. */
import { lstatSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { makeDirectoryDurably, writeFileDurably } from "../durable-file.ts";

const kekBytes = 32;

/** @throws Failure `misconfigured` when the file is missing, not 32 bytes, a link, or readable by others. */
export function readKek(path: string): SecretBytes {
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `key encryption key ${path} ${problem}; ${way}`);
  };
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    return refuse("does not exist", "restore it from where it was kept: without it the keys cannot be opened");
  if (!stat.isFile()) return refuse("is not a regular file", "put the key itself there, no link");
  if ((stat.mode & 0o077) !== 0)
    return refuse("can be read by others", `chmod 600 ${path}, and consider who has read it`);
  const bytes = readFileSync(path);
  const key = Uint8Array.from(bytes);
  bytes.fill(0);
  if (key.length !== kekBytes)
    return refuse(`has ${key.length} bytes instead of ${kekBytes}`, "restore the original file");
  return new SecretBytes(key);
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
