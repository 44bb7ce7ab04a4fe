/**
 * The key that backups are sealed with: 32 bytes in a file of the operator's, kept apart from the backups. It opens no
 * private key (those are sealed under the KEK, which is in no backup), but whoever has it reads everything else.
 */
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { makeDirectoryDurably, writeFileDurably } from "#signer/durable-file";
import type { Places } from "../places.ts";

const keyBytes = 32;

/** Beside the KEK, where the settings of the user lie; the operator keeps a copy elsewhere. */
export const defaultBackupKey = ({ kek }: Places): string => join(dirname(kek), "backup-key");

/** Names a key without telling it: 16 hex digits. */
export const backupKeyId = (key: SecretBytes): string =>
  sha256Hex(`trstctl-backup-key-id\n${sha256Hex(key.reveal())}`).slice(0, 16);

/** @throws Failure `conflict` when there is a file already @returns its id */
export function createBackupKey(path: string): string {
  if (existsSync(path)) throw new Failure("conflict", `there is a file ${path} already, and it stays as it is`);
  makeDirectoryDurably(dirname(path));
  using key = new SecretBytes(randomBytes(keyBytes));
  writeFileDurably(path, key.reveal());
  return backupKeyId(key);
}

/** @throws Failure `misconfigured` with the way out */
export function readBackupKey(path: string): SecretBytes {
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `backup key ${path} ${problem}; ${way}`);
  };
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    return refuse("does not exist", "name it with --key, or make one with `trstctl backup create-key`");
  if (!stat.isFile()) return refuse("is not a regular file", "put the key itself there, no link");
  if ((stat.mode & 0o077) !== 0)
    return refuse("can be read by others", `chmod 600 ${path}, and consider who has read it`);
  if (stat.size !== keyBytes) return refuse(`has ${stat.size} bytes instead of ${keyBytes}`, "name the right file");
  return new SecretBytes(new Uint8Array(readFileSync(path)));
}
