/** `trstctl.json`: what format a data directory has, and which installation it is. Written whole or not at all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { newId } from "#shared/crypto/random";
import { utf8 } from "#shared/kernel/bytes";
import { writeFileDurably } from "#signer/durable-file";

/** What this release reads and writes; `migrations/registry.ts` says how the ones before get here. */
export const dataFormat = "trstctl-data/2";

/** Stands there until a restore is finished; no release starts on it. */
export const restoringFormat = "trstctl-restoring/1";

const marker = z.object({
  format: z.string(),
  /** Made with the data directory and kept by its backups; the first format had none. */
  installation: z.uuid().optional(),
  /** A migration from that format was begun and not finished. */
  migrating_from: z.string().optional(),
  /** With `restoringFormat`: the backup that is being restored here. */
  restoring: z.string().optional(),
});
export type DataMarker = z.output<typeof marker>;

const markerName = "trstctl.json";
/** What `writeFileDurably` writes beside it first. */
export const markerDraft = `${markerName}.new`;

export const markerPath = (data: string): string => join(data, markerName);

export const newMarker = (): DataMarker => ({ format: dataFormat, installation: newId(Date.now()) });

/** @returns undefined when there is none, or it is not ours */
export function readMarker(data: string): DataMarker | undefined {
  try {
    return marker.parse(JSON.parse(readFileSync(markerPath(data), "utf8")));
  } catch {
    return undefined;
  }
}

export function writeMarker(data: string, content: DataMarker): void {
  writeFileDurably(markerPath(data), utf8(`${JSON.stringify(content)}\n`));
}
