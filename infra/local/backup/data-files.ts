/** Every file below a data directory, by what a backup does with it (I2); items and blobs go by their own lists. */
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { blobKinds } from "#shared/ports/blob";
import type { ItemClass } from "#shared/ports/item-class";

/** kept: byte for byte. rows: read row by row. anew: made again by the next start, or of this process only. */
export type FileClass = "kept" | "rows" | "anew";

export const journalPath = "signer/journal";

const files: readonly (readonly [RegExp, FileClass])[] = [
  [/^host\/store\.db$/, "rows"],
  [/^host\/store\.db-(wal|shm)$/, "rows"], // read through the database
  [/^host\/host\.key$/, "kept"],
  [/^signer\/journal$/, "kept"],
  [/^signer\/journal\.remembered$/, "anew"], // from the journal
  [/^signer\/keys\/[a-z0-9-]+\/[a-z0-9-]+\.json$/, "kept"],
  [/^trstctl\.json$/, "anew"], // its contents are in the manifest
  [/^((host|signer)\/)?lock(-journal)?$/, "anew"],
  [/^host\/restored\.json$/, "anew"], // for the first start after a restore; another restore writes its own
  [/^cli\/profile\.json$/, "anew"], // a token: `up` makes another
  [/^run\/[a-z]+\.sock$/, "anew"],
  [/^run\/compiled\//, "anew"], // the host's compiled code
  [/^host\/blobs\/\.tmp\//, "anew"],
  [/\.new$/, "anew"], // a draft: `writeFileDurably`
];

const blobFile = /^host\/blobs\/[a-z0-9-]+\/([a-z0-9._-]+)\/.+@$/;

/** @param path relative to the data directory, with slashes @returns undefined for what this product did not write */
export function fileClass(path: string): FileClass | undefined {
  const kind = blobFile.exec(path)?.[1];
  if (kind !== undefined && Object.hasOwn(blobKinds, kind)) return carried(blobKinds[kind as keyof typeof blobKinds]);
  return files.find(([pattern]) => pattern.test(path))?.[1];
}

const carried = (one: ItemClass): FileClass => (one === "ephemeral" ? "anew" : "kept");

/** Paths of all files below the data directory, relative to it. */
export const dataFiles = (data: string): string[] =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(data, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
