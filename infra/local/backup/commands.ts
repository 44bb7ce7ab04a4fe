/** What `trstctl backup …` and `trstctl restore` do: settings and options in, a report out. */
import { resolve } from "node:path";
import { hostConfig } from "#shared/contracts/config/host";
import { type Environment, loadConfig } from "#shared/kernel/config";
import { Failure } from "#shared/kernel/failure";
import type { SecretBytes } from "#shared/kernel/secret-bytes";
import { readKek } from "#signer/keys/kek";
import { placeProblems } from "../places-apart.ts";
import { type Places, placesOf } from "../places.ts";
import { createBackupKey, defaultBackupKey, readBackupKey } from "./backup-key.ts";
import { assertApart } from "./target.ts";
import { createBackup, type CreatedBackup } from "./create.ts";
import { type Restored, restoreBackup } from "./restore.ts";
import { type BackupReport, verifyBackup } from "./verify.ts";

export interface Asked {
  readonly environment: Environment;
  /** File of the backup key; default: beside the KEK. */
  readonly key?: string | undefined;
}

/** Where things are, refused like at a start of the host. @param data instead of the setting */
function placesFor(environment: Environment, data?: string): Places {
  process.umask(0o077);
  const given = data === undefined ? environment : { ...environment, TRSTCTL_DATA_DIR: resolve(data) };
  const config = loadConfig(hostConfig, given, [], [(settings) => placeProblems(placesOf(settings, given))]);
  return placesOf(config, given);
}

const keyPath = (places: Places, key: string | undefined): string =>
  key === undefined ? defaultBackupKey(places) : resolve(key);

export function createKey({ environment, key }: Asked): { readonly file: string; readonly key: string } {
  const places = placesFor(environment);
  const file = keyPath(places, key);
  assertApart(file, places, "the backup key");
  return { file, key: createBackupKey(file) };
}

export function create(asked: Asked & { readonly to: string; readonly version: string }): CreatedBackup {
  const places = placesFor(asked.environment);
  const file = keyPath(places, asked.key);
  assertApart(file, places, "the backup key");
  assertApart(asked.to, places, "the backup");
  using key = readBackupKey(file);
  return createBackup(places, asked.to, key, asked.version);
}

/** @param asked kek: file of the KEK, to open the keys with */
export function verify(asked: Asked & { readonly from: string; readonly kek?: string | undefined }): BackupReport {
  const places = placesOf(loadConfig(hostConfig, asked.environment), asked.environment);
  using key = readBackupKey(keyPath(places, asked.key));
  if (asked.kek === undefined) return verifyBackup(resolve(asked.from), key, undefined);
  using kek = readKek(resolve(asked.kek));
  return verifyBackup(resolve(asked.from), key, kek);
}

export async function restore(
  asked: Asked & { readonly from: string; readonly to: string; readonly now: number },
): Promise<Restored> {
  const places = placesFor(asked.environment, asked.to);
  using key = readBackupKey(keyPath(places, asked.key));
  using kek = kekOf(places);
  return await restoreBackup(resolve(asked.from), places, key, kek, asked.now);
}

function kekOf({ kek }: Places): SecretBytes {
  try {
    return readKek(kek);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure(
      "misconfigured",
      `${cause.message}. No backup holds it: put the one that the keys were sealed under there, or set TRSTCTL_KEK_FILE`,
      { cause },
    );
  }
}
