/**
 * A backup as a file: a line that names the format, a line of JSON that names the backup and its key, then the records,
 * sealed (shared/crypto/sealed-stream.ts) under a key made from the backup key for this one file. Both lines are bound in.
 */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import * as z from "zod";
import { deriveKey } from "#shared/crypto/hmac";
import { randomBytes } from "#shared/crypto/random";
import { openStream, sealStream } from "#shared/crypto/sealed-stream";
import { concat, hex, utf8, utf8Text } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { backupKeyId } from "./backup-key.ts";
import { type BackupRecord, decodeRecords, encodeRecord } from "./records.ts";

const format = "trstctl-backup/1";
const header = z.strictObject({ backup: z.uuid(), key: z.string().max(16), salt: z.string().length(64) });
/** Both lines together are far shorter. */
const maxHeader = 1024;
const lineFeed = 0x0a;

const streamKey = (key: SecretBytes, { backup, salt }: z.output<typeof header>): Uint8Array =>
  deriveKey(key.reveal(), `${format}/${backup}/${salt}`);

export interface BackupWriter {
  write(record: BackupRecord): void;
  /** Durable when it returns. */
  close(): void;
  /** Leaves what was written as it is: no reader takes it for whole. */
  abandon(): void;
}

/** @param path must not exist; the file is its owner's alone */
export function writeBackupFile(path: string, backup: string, key: SecretBytes): BackupWriter {
  const head = { backup, key: backupKeyId(key), salt: hex(randomBytes(32)) };
  const text = utf8(`${format}\n${JSON.stringify(head)}\n`);
  const file = openSync(path, "wx", 0o600);
  const put = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  };
  put(text);
  const fileKey = new SecretBytes(streamKey(key, head));
  const sealed = sealStream(fileKey.reveal(), text, put);
  return {
    write: (record) => sealed.write(encodeRecord(record)),
    close() {
      sealed.end();
      fileKey.wipe();
      fsyncSync(file);
      closeSync(file);
    },
    abandon() {
      fileKey.wipe();
      closeSync(file);
    },
  };
}

/**
 * Every record of a backup, each authentic when it is given out; that the whole is, is known at the end.
 * @throws Failure `corrupt` or `misconfigured` saying what is wrong with it
 */
export function* readBackupFile(path: string, key: SecretBytes): Generator<BackupRecord> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new Failure("misconfigured", `backup ${path} cannot be opened: ${(cause as Error).message}`, { cause });
  }
  try {
    const read = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      let filled = 0;
      for (let got = -1; filled < length && got !== 0; filled += got)
        got = readSync(file, bytes, filled, length - filled, null);
      return bytes.subarray(0, filled);
    };
    const { text, head, after } = readHeader(path, read);
    if (head.key !== backupKeyId(key))
      throw new Failure(
        "misconfigured",
        `backup ${path} was made with backup key ${head.key}, the one given is ${backupKeyId(key)}; name the right one with --key`,
      );
    // What was read beyond the header comes first.
    let ahead = after;
    const sealed = (length: number): Uint8Array => {
      const first = ahead.subarray(0, length);
      ahead = ahead.subarray(first.length);
      return first.length === length ? first : concat(first, read(length - first.length));
    };
    using fileKey = new SecretBytes(streamKey(key, head));
    yield* decodeRecords(openStream(fileKey.reveal(), text, sealed));
  } catch (error) {
    // What lies deeper speaks of "it".
    if (error instanceof Failure && error.code === "corrupt")
      throw new Failure("corrupt", `backup ${path}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    closeSync(file);
  }
}

function readHeader(path: string, read: (length: number) => Uint8Array) {
  const start = read(maxHeader);
  const first = start.indexOf(lineFeed);
  const second = start.indexOf(lineFeed, first + 1);
  const name = Buffer.from(start.subarray(0, Math.max(first, 0))).toString("latin1");
  if (!name.startsWith("trstctl-backup/")) throw new Failure("misconfigured", `${path} is not a backup of trstctl`);
  if (name !== format)
    throw new Failure("misconfigured", `${path} has format ${name.slice(0, 40)}, this release reads ${format}`);
  try {
    const head = header.parse(JSON.parse(utf8Text(start.subarray(first + 1, second))));
    return { text: start.slice(0, second + 1), head, after: start.slice(second + 1) };
  } catch (cause) {
    throw new Failure("corrupt", "its header is damaged", { cause });
  }
}
