/**
 * A backup of a data directory, while its host runs or not.
 *
 * The order makes it consistent. First the store's moment is held fast by a read transaction: what comes later is not in it,
 * and the host goes on writing. Then the journal is taken as far as it reaches: a signature is in the journal before its
 * event is in the store, so the journal lacks nothing that the store has. Then the keys: each was there before the journal
 * named it. What the journal has beyond the store is kept in the backup and left out by a restore.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { newId } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { syncDirectory } from "#signer/durable-file";
import { dataFormat, readMarker } from "../data-marker.ts";
import type { Places } from "../places.ts";
import { type BackupWriter, writeBackupFile } from "./backup-file.ts";
import { dataFiles, fileClass, journalPath } from "./data-files.ts";
import { partsOf, wholeLines } from "./file-parts.ts";
import type { Manifest } from "./records.ts";
import { holdStore } from "./store-rows.ts";
import { removeAbandoned, targetFile, taken } from "./target.ts";
import { type BackupReport, verifyBackup } from "./verify.ts";

export interface CreatedBackup extends BackupReport {
  readonly file: string;
  /** Files in the data directory that this product did not write, and that are therefore not in the backup. */
  readonly left_out: readonly string[];
}

/**
 * @param to a file that does not exist, or a directory that does
 * @param version of trstctl
 * @throws Failure `misconfigured`, `conflict`, `unavailable`, `corrupt`
 */
export function createBackup(places: Places, to: string, key: SecretBytes, version: string): CreatedBackup {
  const manifest = manifestOf(places, version);
  const file = targetFile(to, manifest);
  removeAbandoned(file, manifest);
  const partial = `${file}.${process.pid}.partial`;
  try {
    const writer = writeBackupFile(partial, manifest.backup, key);
    try {
      write(places, manifest, writer);
    } catch (error) {
      writer.abandon();
      throw error;
    }
    writer.close();
    // By its name it is a backup that was read back whole.
    const report = readBack(partial, key, places.data);
    if (existsSync(file)) throw taken(file);
    renameSync(partial, file);
    syncDirectory(dirname(file));
    return { ...report, file, left_out: dataFiles(places.data).filter((path) => fileClass(path) === undefined) };
  } catch (error) {
    rmSync(partial, { force: true });
    throw inWords(error, file);
  }
}

function manifestOf({ data }: Places, version: string): Manifest {
  const marker = readMarker(data);
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `${data} ${problem}; ${way}`);
  };
  if (marker === undefined)
    return refuse("is no data directory of trstctl", "set TRSTCTL_DATA_DIR to the one to back up");
  if (marker.format !== dataFormat || marker.installation === undefined || marker.migrating_from !== undefined)
    return refuse(
      `has format ${marker.format}, this release backs up ${dataFormat}`,
      "start this release on it first, or use the release that runs on it",
    );
  return {
    backup: newId(Date.now()),
    installation: marker.installation,
    data_format: marker.format,
    made_by: version,
    taken_at: new Date().toISOString(),
  };
}

function write(places: Places, manifest: Manifest, writer: BackupWriter): void {
  const totals = { items: 0, names: 0, files: 0, bytes: 0 };
  writer.write({ kind: "manifest", value: manifest });
  const store = holdStore(join(places.host, "store.db"));
  try {
    // Here, not later: how far it reaches now is what the store's moment needs.
    const journal = wholeLines(join(places.data, journalPath));
    for (const value of store.items()) {
      totals.items++;
      writer.write({ kind: "item", value });
    }
    for (const value of store.names()) {
      totals.names++;
      writer.write({ kind: "name", value });
    }
    for (const path of dataFiles(places.data).filter((one) => fileClass(one) === "kept")) {
      totals.files++;
      writer.write({ kind: "file", value: { path } });
      for (const value of path === journalPath ? journal : partsOf(join(places.data, path))) {
        totals.bytes += value.length;
        writer.write({ kind: "bytes", value });
      }
    }
  } finally {
    store.close();
  }
  writer.write({ kind: "end", value: totals });
}

/** What does not hold was not so in the data directory: it was written a moment ago. */
function readBack(partial: string, key: SecretBytes, data: string): BackupReport {
  try {
    return verifyBackup(partial, key, undefined);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const reason = cause.message.replace(`backup ${partial}: `, "");
    throw new Failure(
      "corrupt",
      `no backup was made: ${reason}. Either ${data} is damaged (keep a copy of it, and look for the cause), or what was written did not come back from the disk as it was`,
      { cause },
    );
  }
}

const ways: Readonly<Record<string, string>> = {
  ENOSPC: "there is no space for it: free some, or name another place with --to",
  EDQUOT: "the quota is used up: free some space, or name another place with --to",
  EACCES: "it may not be written there: name another place with --to",
  EPERM: "it may not be written there: name another place with --to",
  EROFS: "that file system is read-only: name another place with --to",
};

/** What the file system said, for a person. */
function inWords(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const way = ways[code];
  if (error instanceof Failure || way === undefined) return error;
  return new Failure("unavailable", `backup ${file}: ${way}`, { cause: error });
}
