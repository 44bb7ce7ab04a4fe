/** A good backup of the small installation, and what tests do to it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readBackupFile, writeBackupFile } from "#infra/local/backup/backup-file";
import { createBackup } from "#infra/local/backup/create";
import type { BackupRecord } from "#infra/local/backup/records";
import { restoreBackup } from "#infra/local/backup/restore";
import type { Places } from "#infra/local/places";
import { randomBytes } from "#shared/crypto/random";
import { isFailure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { type Installation, installation } from "./installation.ts";

export interface Attempt {
  readonly key?: SecretBytes;
  readonly kek?: SecretBytes;
  readonly now?: number;
}

export interface Kept extends Installation {
  readonly file: string;
  readonly key: SecretBytes;
  /** Places that nothing is at. */
  free(): Places;
  restore(file: string, places: Places, attempt?: Attempt): Promise<unknown>;
  /** The message of a refusal; fails when anything was written. */
  refusal(file: string, attempt?: Attempt): Promise<string>;
  /** A copy whose bytes were changed. */
  copy(change: (bytes: Buffer) => Uint8Array): string;
  /** One by the right key whose records were changed: what only a defect of ours could write. */
  rewritten(change: (records: BackupRecord[]) => readonly BackupRecord[]): string;
}

export function keptBackup(): Kept {
  const here = installation();
  const key = new SecretBytes(randomBytes(32));
  const file = join(here.directory, "good.backup");
  createBackup(here.places, file, key, "0");
  let made = 0;
  const fresh = (): string => `made-${++made}`;
  const free = (): Places => here.elsewhere(fresh());
  const restore: Kept["restore"] = (from, places, attempt = {}) =>
    restoreBackup(from, places, attempt.key ?? key, attempt.kek ?? here.kek, attempt.now ?? Date.now() + 1000);
  return {
    ...here,
    file,
    key,
    free,
    restore,
    async refusal(from, attempt) {
      const places = free();
      try {
        await restore(from, places, attempt);
      } catch (error) {
        expect(existsSync(places.data)).toBe(false);
        if (isFailure(error)) return error.message;
        throw error;
      }
      return "restored";
    },
    copy(change) {
      const to = join(here.directory, fresh());
      writeFileSync(to, change(readFileSync(file)));
      return to;
    },
    rewritten(change) {
      const to = join(here.directory, fresh());
      const writer = writeBackupFile(to, "01a21439-0256-7000-8000-000000000000", key);
      for (const record of change([...readBackupFile(file, key)])) writer.write(record);
      writer.close();
      return to;
    },
  };
}
