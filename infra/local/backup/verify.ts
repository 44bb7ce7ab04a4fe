/** Reads a backup from the first byte to the last and judges all of it; writes nothing. */
import { Failure } from "#shared/kernel/failure";
import { concat } from "#shared/kernel/bytes";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { readBackupFile } from "./backup-file.ts";
import { checkLog, checkSigner, type JournalExtent, type LaneReport, type SignerReport } from "./checks.ts";
import { fileClass } from "./data-files.ts";
import type { BackupRecord, Manifest, Totals } from "./records.ts";

export interface BackupReport extends Manifest, Totals, SignerReport {
  /** Every private key was opened with the KEK. */
  readonly keys_opened: boolean;
  readonly lanes: readonly LaneReport[];
}

const keyFolder = "signer/keys/";

/**
 * @param kek without it the sealed keys are compared with the journal, but not opened
 * @throws Failure `corrupt` or `misconfigured`: exactly what is wrong
 */
export function verifyBackup(path: string, key: SecretBytes, kek: SecretBytes | undefined): BackupReport {
  const { known_bytes: _, ...report } = judgeBackup(path, key, kek);
  return report;
}

/** The same, with what a restore needs to know. */
export function judgeBackup(
  path: string,
  key: SecretBytes,
  kek: SecretBytes | undefined,
): BackupReport & JournalExtent {
  const wrong = (what: string): Failure => new Failure("corrupt", `backup ${path}: ${what}`);
  const log = checkLog();
  const signer = checkSigner(log.signed, kek);
  let manifest: Manifest | undefined;
  let totals: Totals | undefined;
  let file: string | undefined;
  let parts: Uint8Array[] = [];
  const seen = { items: 0, names: 0, files: 0, bytes: 0 };
  const paths = new Set<string>();

  /** Small files are judged whole, the journal as it comes. */
  function closeFile(): void {
    if (file?.startsWith(keyFolder) === true) signer.keyFile(file, concat(...parts));
    parts = [];
    file = undefined;
  }

  function take(record: BackupRecord): void {
    if (totals !== undefined) throw wrong("there are records after its end");
    if ((record.kind === "manifest") !== (manifest === undefined)) throw wrong("its manifest is not its beginning");
    switch (record.kind) {
      case "manifest":
        manifest = record.value;
        break;
      case "item":
        seen.items++;
        log.item(record.value);
        break;
      case "name":
        seen.names++;
        break;
      case "file":
        closeFile();
        seen.files++;
        file = record.value.path;
        if (fileClass(file) !== "kept" || file.split("/").includes("..") || paths.has(file))
          throw wrong(`it holds a file that does not belong into a backup: ${file}`);
        paths.add(file);
        break;
      case "bytes":
        if (file === undefined) throw wrong("it holds bytes of no file");
        seen.bytes += record.value.length;
        if (file === "signer/journal") signer.journal(record.value);
        else if (file.startsWith(keyFolder)) parts.push(record.value);
        break;
      case "end":
        closeFile();
        totals = record.value;
    }
  }

  try {
    for (const record of readBackupFile(path, key)) take(record);
    if (manifest === undefined || totals === undefined) throw wrong("it has no end");
    if (JSON.stringify(seen) !== JSON.stringify(totals)) throw wrong("it does not hold what it says at its end");
    return { ...manifest, ...totals, lanes: log.end(), ...signer.end(), keys_opened: kek !== undefined };
  } catch (error) {
    if (error instanceof Failure && error.code === "corrupt" && !error.message.startsWith("backup "))
      throw wrong(error.message);
    throw error;
  }
}
