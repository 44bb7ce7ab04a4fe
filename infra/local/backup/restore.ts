/**
 * A backup into an empty directory. The whole backup is judged first, with the KEK, before anything is written. While it is
 * being written the directory is marked as unfinished, which no release starts on; the mark of a data directory comes last.
 * A restore that was cut off is begun again by the same command.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { makeDirectoryDurably, syncDirectory, writeFileDurably } from "#signer/durable-file";
import { openJournal } from "#signer/journal";
import { lockDataDirectory } from "../data-directory.ts";
import { dataFormat, markerPath, readMarker, restoringFormat, writeMarker } from "../data-marker.ts";
import { stepsFrom } from "../migrations/migrate.ts";
import type { Places } from "../places.ts";
import { restoredPath } from "../restored.ts";
import { readBackupFile } from "./backup-file.ts";
import { fillStore } from "./store-rows.ts";
import { type BackupReport, judgeBackup } from "./verify.ts";
import { journalPath } from "./data-files.ts";

export interface Restored extends BackupReport {
  readonly data_directory: string;
  readonly restored_at: string;
}

/**
 * @param places of the new installation: its data directory is missing, empty, or an unfinished restore of the same backup
 * @throws Failure `misconfigured`, `corrupt`, `unavailable`; nothing was written when the backup is not whole
 */
export async function restoreBackup(
  path: string,
  places: Places,
  key: SecretBytes,
  kek: SecretBytes,
  now: number,
): Promise<Restored> {
  assertFree(places);
  const { known_bytes, ...report } = judgeBackup(path, key, kek);
  if (stepsFrom({ format: report.data_format }) === undefined)
    throw new Failure(
      "misconfigured",
      `backup ${path} is of a data directory of format ${report.data_format}, this release reads ${dataFormat}; restore it with the release that made it`,
    );
  if (now < Date.parse(report.taken_at))
    throw new Failure(
      "misconfigured",
      `this machine's clock (${new Date(now).toISOString()}) is behind the moment of the backup (${report.taken_at}); set it: numbers of CRLs go on from the time of the restore`,
    );
  const release = begin(places, report.backup);
  try {
    writeContents(path, places, key, known_bytes);
    await sayRestored(places, report, now);
    syncTree(places.data);
    writeMarker(places.data, { format: report.data_format, installation: report.installation });
  } finally {
    release();
  }
  return { ...report, data_directory: places.data, restored_at: new Date(now).toISOString() };
}

/** @throws Failure when there is anything in the way */
function assertFree({ data }: Places): void {
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `${data} ${problem}; ${way}`);
  };
  if (!existsSync(data)) return;
  if (!lstatSync(data).isDirectory()) refuse("is not a directory", "name an empty or new one with --to");
  if (readdirSync(data).length === 0 || readMarker(data)?.format === restoringFormat) return;
  refuse(
    existsSync(markerPath(data)) ? "is a data directory already, and a restore writes over nothing" : "is not empty",
    "name an empty or new one with --to",
  );
}

/** Marks the directory and takes its lock; what an unfinished restore of the same backup left goes. @returns releases it */
function begin(places: Places, backup: string): () => void {
  const { data } = places;
  makeDirectoryDurably(data);
  const before = readMarker(data);
  if (before !== undefined && before.restoring !== backup)
    throw new Failure(
      "misconfigured",
      `${data} holds an unfinished restore of another backup (${before.restoring}); finish that one, or empty the directory`,
    );
  chmodSync(data, 0o700);
  writeMarker(data, { format: restoringFormat, restoring: backup });
  const release = lockDataDirectory(places);
  for (const part of [places.host, places.signer, places.cli]) rmSync(part, { recursive: true, force: true });
  for (const part of [places.host, places.signer]) makeDirectoryDurably(part);
  return release;
}

/**
 * The journal only as far as the store knows it: what comes behind may speak of a revocation or of a tree that the store has
 * not seen, and the signer would hold the host to that for ever.
 */
function writeContents(path: string, places: Places, key: SecretBytes, journalBytes: number): void {
  let room = Number.POSITIVE_INFINITY;
  const store = fillStore(join(places.host, "store.db"));
  let file: number | undefined;
  const closeFile = (): void => {
    if (file === undefined) return;
    fsyncSync(file);
    closeSync(file);
    file = undefined;
  };
  try {
    for (const { kind, value } of readBackupFile(path, key)) {
      if (kind === "item") store.item(value);
      else if (kind === "name") store.name(value);
      else if (kind === "file") {
        closeFile();
        const target = join(places.data, value.path);
        makeDirectoryDurably(dirname(target));
        file = openSync(target, "wx", 0o600);
        room = value.path === journalPath ? journalBytes : Number.POSITIVE_INFINITY;
      } else if (kind === "bytes" && file !== undefined) {
        const part = value.subarray(0, Math.min(room, value.length));
        room -= part.length;
        for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
      }
    }
  } finally {
    closeFile();
    store.close();
  }
}

/**
 * Signer and host must know that what they remember may not be all that there was: the journal gets a record for each
 * tenant, which holds CRL numbers back, and the host finds a note to write into each tenant's log.
 */
async function sayRestored(places: Places, report: BackupReport, now: number): Promise<void> {
  const { backup, taken_at } = report;
  const journal = await openJournal(join(places.data, journalPath), () => undefined);
  for (const tenant of new Set(report.lanes.map((lane) => lane.tenant)))
    await journal.append({
      time: now,
      op: "restore",
      tenant,
      handle: "-",
      opId: `restore/${backup}/${now}`,
      type: "key",
      reason: `restored from backup ${backup} of ${taken_at}`,
    });
  await journal.close();
  const note = { backup, taken_at, restored_at: new Date(now).toISOString() };
  writeFileDurably(restoredPath(places), utf8(`${JSON.stringify(note)}\n`));
}

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true }))
    if (entry.isDirectory()) syncTree(join(directory, entry.name));
  syncDirectory(directory);
}
