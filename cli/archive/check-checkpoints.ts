/** The signed checkpoints of an export: each by itself first, against the events later. */
import { checkpointFile, checkpointsFolder, newestFile } from "#events/checkpoints/archive";
import { Failure } from "#shared/kernel/failure";
import { type Checkpoint, parseCheckpoint } from "#shared/tlog/checkpoint";
import { formatNote, parseNote, type VerifierKey, verifyNote } from "#shared/tlog/signed-note";
import type { Faults } from "./faults.ts";
import { textOf } from "./read-files.ts";

/** One of the log that the key speaks for. @throws Failure saying what is wrong with it */
export async function openCheckpoint(text: string | undefined, key: VerifierKey): Promise<Checkpoint> {
  if (text === undefined) throw new Failure("malformed", "it is no UTF-8 text");
  const note = parseNote(text);
  await verifyNote(note, key);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== key.name)
    throw new Failure("corrupt", `it is of ${checkpoint.origin}, the key speaks for ${key.name}`);
  if (note.signatures.length !== 1 || formatNote(note) !== text)
    throw new Failure("malformed", "it holds more than a checkpoint and its one signature");
  return checkpoint;
}

/** Those that hold by themselves, smallest first. */
export async function readCheckpoints(
  directory: string,
  files: readonly string[],
  key: VerifierKey,
  faults: Faults,
): Promise<readonly Checkpoint[]> {
  const good: Checkpoint[] = [];
  let newest: string | undefined;
  for (const name of files.filter((file) => file.startsWith(`${checkpointsFolder}/`))) {
    const text = await textOf(directory, name);
    newest = text;
    try {
      const checkpoint = await openCheckpoint(text, key);
      if (checkpointFile(checkpoint.size) === name) good.push(checkpoint);
      else faults.add(name, `it holds the checkpoint of ${checkpoint.size} events: checkpoints changed places`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      faults.add(name, `the checkpoint was changed or is of another log: ${error.message}`);
    }
  }
  if (newest === undefined) faults.add(checkpointsFolder, "there is no checkpoint");
  else if (!files.includes(newestFile)) faults.add(newestFile, "the file is missing");
  else if ((await textOf(directory, newestFile)) !== newest)
    faults.add(newestFile, `it is not the last one in ${checkpointsFolder}/: one was changed, removed or added`);
  return good;
}
