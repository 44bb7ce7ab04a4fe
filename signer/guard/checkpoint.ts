/**
 * Checkpoints of a tenant's log (C2SP tlog-checkpoint). The signer is a witness of its own log: it signs a tree only when
 * the proof shows that it extends the last tree it signed, so whoever asks can neither roll back nor fork the log.
 */
import { utf8Text } from "#shared/kernel/bytes";
import { type Checkpoint, originOf, parseCheckpoint } from "#shared/tlog/checkpoint";
import { provesConsistency } from "#shared/tlog/proofs";
import { type GuardInput, type Learn, refuse } from "./decision.ts";
import { learnCheckpoint } from "./learn.ts";

export function guardCheckpoint({ key, tbs, proof = [] }: GuardInput): Learn {
  const checkpoint = read(tbs);
  const { origin, size } = checkpoint;
  const own = originOf(key.spec.tenant, key.spki);
  if (origin !== own) return refuse(`the checkpoint's origin is ${origin}, this key speaks for ${own}`);
  if (size === 0) return refuse("a checkpoint of an empty log says nothing");
  const last = key.checkpoint;
  if (last === undefined) {
    if (proof.length > 0) return refuse("there is no checkpoint yet that the proof could begin at");
    return () => learnCheckpoint(key, checkpoint);
  }
  if (size < last.size) return refuse(`a checkpoint of ${size} rolls the log back: ${last.size} is signed`);
  if (!provesConsistency(last, checkpoint, proof))
    return refuse(
      size === last.size
        ? `the log is forked: ${size} is signed with another root`
        : `the proof does not show that the log of ${size} extends the one of ${last.size} that is signed`,
    );
  return () => learnCheckpoint(key, checkpoint);
}

/** @throws Failure `malformed` */
function read(tbs: Uint8Array): Checkpoint {
  let text: string;
  try {
    text = utf8Text(tbs);
  } catch {
    return refuse("a checkpoint is UTF-8 text");
  }
  return parseCheckpoint(text);
}
