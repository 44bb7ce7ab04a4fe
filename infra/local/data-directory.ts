/** One data directory, one trstctl: marked as ours, locked while in use, refused when it is anything else. */
import { existsSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "#shared/kernel/failure";
import { holdLock } from "#shared/kernel/process-lock";
import {
  dataFormat,
  markerDraft,
  markerPath,
  newMarker,
  readMarker,
  restoringFormat,
  writeMarker,
} from "./data-marker.ts";
import { migrate, stepsFrom } from "./migrations/migrate.ts";
import type { Places } from "./places.ts";

/**
 * Makes or checks the directories, takes the lock, and brings an older format to ours; the kernel drops the lock with the
 * process, however that ends.
 * @returns what was changed, for the operator to read
 * @throws Failure `misconfigured` naming the way out
 */
export function claimDataDirectory(places: Places): readonly string[] {
  const { data } = places;
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `${data} ${problem}; ${way}`);
  };
  if (existsSync(data) && !lstatSync(data).isDirectory())
    refuse("is not a directory", "set TRSTCTL_DATA_DIR to a directory");
  // A first start that was cut off may have left its draft of the marker.
  const contents = existsSync(data) ? readdirSync(data).filter((name) => name !== markerDraft) : [];
  if (!existsSync(markerPath(data)) && contents.length > 0)
    refuse("is not empty and not a data directory of trstctl", "set TRSTCTL_DATA_DIR to an empty or new directory");
  const understood = () => {
    const marker = readMarker(data);
    const steps = marker && stepsFrom(marker);
    if (marker !== undefined && steps !== undefined) return { marker, steps };
    if (marker?.format === restoringFormat)
      refuse(
        `holds an unfinished restore of backup ${marker.restoring}`,
        "give the same `trstctl restore` again, or empty the directory",
      );
    return refuse(
      `has format ${marker?.format ?? "unreadable"}, this release reads ${dataFormat}`,
      "start the release that made it, or choose another directory",
    );
  };
  // What is not ours is refused before anything in it changes.
  if (contents.length > 0) understood();
  own(data, "TRSTCTL_DATA_DIR");
  if (contents.length === 0) writeMarker(data, newMarker());
  for (const directory of [places.host, places.signer, places.cli]) own(directory, "TRSTCTL_DATA_DIR");
  own(places.run, "TRSTCTL_RUN_DIR");
  lockDataDirectory(places);
  // Read again: before the lock was ours another process may have done it.
  const { marker, steps } = understood();
  return migrate(places, marker, steps);
}

/**
 * Makes a directory for its owner alone. One that is there is left as it is: it may be somebody else's too, and then it is
 * not ours to close.
 */
function own(directory: string, setting: string): void {
  if (mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined) return;
  const { mode, uid } = lstatSync(directory);
  if (!lstatSync(directory).isDirectory())
    throw new Failure("misconfigured", `${directory} is not a directory; set ${setting} to another place`);
  if (uid !== process.getuid?.())
    throw new Failure(
      "misconfigured",
      `${directory} belongs to another user; set ${setting} to a directory of your own`,
    );
  if ((mode & 0o077) !== 0)
    throw new Failure(
      "misconfigured",
      `${directory} can be entered by others; set ${setting} to a directory that is used for nothing else, or chmod 700 ${directory} after finding out who has been there`,
    );
}

/** A process that was just killed holds its locks for a moment longer. */
const dyingMs = 2_000;

/** @returns releases it */
export function lockDataDirectory({ data }: Places): () => void {
  try {
    return holdLock(join(data, "lock"), dyingMs);
  } catch (cause) {
    throw new Failure(
      "misconfigured",
      `${data} is in use by another trstctl; stop that one, or set TRSTCTL_DATA_DIR (and the ports) for this one; its console: npx trstctl console`,
      { cause },
    );
  }
}
