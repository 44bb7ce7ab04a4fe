/**
 * Verifies an export from its files and a public key alone (I3): each text against its hash, each hash against its lane,
 * all of them against the root of every signed checkpoint. Whatever byte was changed, whatever is missing, doubled, moved,
 * cut off or of another history is named.
 */
import {
  eventsFile,
  foldLine,
  manifestFile,
  newestFile,
  parseLine,
  parseManifest,
  type Manifest,
} from "#events/checkpoints/archive";
import { fromBase64, hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { Checkpoint } from "#shared/tlog/checkpoint";
import { encodeTreeEntry } from "#shared/tlog/entry";
import { createFrontier, type Frontier } from "#shared/tlog/frontier";
import { leafHash } from "#shared/tlog/merkle-tree";
import type { VerifierKey } from "#shared/tlog/signed-note";
import { readCheckpoints } from "./check-checkpoints.ts";
import { createLaneCheck } from "./check-lanes.ts";
import { createTileCheck } from "./check-tiles.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { filesBelow, linesOf, textOf } from "./read-files.ts";

export interface ArchiveReport {
  readonly tenant: string | undefined;
  /** Places in the tree that are in here: from `first` up to `size`. */
  readonly first: number;
  readonly size: number;
  readonly events: number;
  /** Of these, so many whose text retention removed. */
  readonly pruned: number;
  readonly checkpoints: number;
  readonly holds: boolean;
  readonly faults: readonly Fault[];
  /** Over every line; see `foldLine`. */
  readonly digest: string;
}

/** @param kept checkpoints that the verifier got another way, earlier or elsewhere, with their names */
export async function verifyArchive(
  directory: string,
  key: VerifierKey,
  kept: readonly (Checkpoint & { readonly name: string })[] = [],
): Promise<ArchiveReport> {
  const faults = createFaults();
  const files = await filesBelow(directory);
  const manifest = await readManifest(directory, files, key, faults);
  const checkpoints = await readCheckpoints(directory, files, key, faults);
  const known = new Set([manifestFile, eventsFile, newestFile]);
  for (const file of files)
    if (!known.has(file) && !/^(checkpoints|tile)\//.test(file))
      faults.add(file, "the file does not belong to an export");
  const extent = { first: manifest?.first ?? 0, size: checkpoints.at(-1)?.size ?? 0, checkpoints: checkpoints.length };
  const read =
    manifest === undefined || !files.includes(eventsFile)
      ? undefined
      : await readEvents(directory, files, { manifest, checkpoints, kept }, faults);
  if (!files.includes(eventsFile)) faults.add(eventsFile, "the file is missing");
  return {
    tenant: manifest?.tenant,
    ...extent,
    events: read?.events ?? 0,
    pruned: read?.pruned ?? 0,
    digest: read?.digest ?? "",
    holds: faults.found.length === 0,
    faults: faults.found,
  };
}

async function readManifest(
  directory: string,
  files: readonly string[],
  key: VerifierKey,
  faults: Faults,
): Promise<Manifest | undefined> {
  if (!files.includes(manifestFile)) {
    faults.add(manifestFile, "the file is missing");
    return undefined;
  }
  try {
    const manifest = parseManifest((await textOf(directory, manifestFile)) ?? "");
    if (key.name.split("/")[1] !== manifest.tenant)
      faults.add(manifestFile, `it is of tenant ${manifest.tenant}, the key speaks for ${key.name}`);
    startOf(manifest);
    if (manifest.first === 0 && manifest.lanes.length > 0) faults.add(manifestFile, "a whole log begins at nothing");
    return manifest;
  } catch (error) {
    if (!(error instanceof Failure || error instanceof RangeError)) throw error;
    faults.add(manifestFile, `it was changed: ${error.message}`);
    return undefined;
  }
}

const startOf = ({ first, frontier }: Manifest): Frontier => createFrontier(first, frontier.map(fromBase64));

interface Given {
  readonly manifest: Manifest;
  readonly checkpoints: readonly Checkpoint[];
  readonly kept: readonly (Checkpoint & { readonly name: string })[];
}

async function readEvents(
  directory: string,
  files: readonly string[],
  { manifest, checkpoints, kept }: Given,
  faults: Faults,
) {
  const tree = startOf(manifest);
  const lanes = createLaneCheck(manifest, faults);
  const tiles = createTileCheck(directory, files, faults);
  const roots = new Map<number, string>([[tree.size(), hex(tree.root())]]);
  const wanted = new Set([...checkpoints, ...kept].map(({ size }) => size));
  const own = new Set(checkpoints.map(({ size }) => size));
  let [number, pruned, digest, readable] = [0, 0, "", true];
  for await (const text of linesOf(directory, eventsFile)) {
    number++;
    try {
      const line = parseLine(text ?? "");
      if (line.event === undefined) pruned++;
      lanes.take(line);
      const entry = { lane: line.lane, seq: line.sequence, hash: line.hash };
      tree.append(leafHash(encodeTreeEntry(entry)));
      if (manifest.first === 0) await tiles.append(entry);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      faults.add(`${eventsFile} line ${number}`, `it was changed: ${error.message}`);
      readable = false; // and with it a place in the tree: nothing behind it can be told
      break;
    }
    digest = foldLine(digest, text ?? "");
    if (wanted.has(tree.size())) roots.set(tree.size(), hex(tree.root()));
    if (own.has(tree.size())) lanes.checkpointPassed();
  }
  if (!readable) return { events: number, pruned, digest };
  lanes.end();
  if (manifest.first === 0) await tiles.finish();
  for (const file of tiles.left) faults.add(file, "the tile does not belong to these events");
  compareRoots(roots, checkpoints, tree.size(), faults);
  compareKept(roots, kept, tree.size(), manifest.first, faults);
  return { events: number, pruned, digest };
}

function compareRoots(
  roots: ReadonlyMap<number, string>,
  checkpoints: readonly Checkpoint[],
  end: number,
  faults: Faults,
): void {
  const last = checkpoints.at(-1)?.size ?? 0;
  if (end < last) faults.add(eventsFile, `truncated: the events end at ${end}, the last checkpoint covers ${last}`);
  if (end > last)
    faults.add(eventsFile, `the last checkpoint covers ${last} events, but there are ${end}: nobody signed the rest`);
  const holds = ({ size, root }: Checkpoint): boolean => roots.get(size) === hex(root);
  for (const checkpoint of checkpoints) {
    const { size } = checkpoint;
    if (size > end || holds(checkpoint)) continue;
    const later = checkpoints.find((other) => other.size > size && holds(other));
    faults.add(
      `checkpoint of ${size}`,
      later === undefined
        ? `its root is not that of the first ${size} events: they are not the ones it was signed over`
        : `forked: it was signed over another history than the checkpoint of ${later.size}`,
    );
  }
}

function compareKept(
  roots: ReadonlyMap<number, string>,
  kept: Given["kept"],
  end: number,
  first: number,
  faults: Faults,
): void {
  for (const { name, size, root } of kept) {
    if (size > end) faults.add(name, `rolled back: it covers ${size} events, the export only ${end}`);
    else if (size >= first && roots.get(size) !== hex(root))
      faults.add(name, `forked: it was signed over other ${size} events than these`);
    else if (size < first)
      faults.add(name, `it covers ${size} events, the export begins at ${first}: compare it with an earlier part`);
  }
}
