/** The key encryption key: 32 bytes in a file of its owner's alone, never below the data directory, never in a backup. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { sha256Hex } from "#shared/crypto/hash";
import { randomBytes } from "#shared/crypto/random";
import { open, seal } from "#shared/crypto/seal";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { readSecretFile } from "#shared/kernel/secret-file";
import { makeDirectoryDurably, writeFileDurably } from "../durable-file.ts";
import type { Binding, Wrapping } from "./sealed-key.ts";

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

/** @param kek 32 bytes; named by the first 16 hex digits of its SHA-256 under a label */
export function kekWrapping(kek: SecretBytes) {
  const id = sha256Hex(`trstctl-kek-id\n${sha256Hex(kek.reveal())}`).slice(0, 16);
  const unwrapNow = (wrapped: Uint8Array, { text }: Binding) => open(kek.reveal(), wrapped, text);
  return {
    id,
    unwrapNow,
    wrap: async (dataKey, { text }) => seal(kek.reveal(), dataKey, text),
    unwrap: async (wrapped, binding) => unwrapNow(wrapped, binding),
    other: (where, other) =>
      new Failure(
        "misconfigured",
        `${where} was sealed under another key encryption key (${other}, this one is ${id}); set TRSTCTL_KEK_FILE to that one, or restore it from where it was kept`,
      ),
  } satisfies Wrapping & { unwrapNow: unknown };
}
