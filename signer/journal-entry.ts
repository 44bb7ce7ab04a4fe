/** What stands in a line of the journal behind its hash, and its reading: the hash alone proves nobody's hand. */
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { JournalRecord, KeySpec, Signed, SignRequest } from "#shared/ports/signer";

/** What a record holds beside what the reconciler sees. */
export interface Entry extends Omit<JournalRecord, "n" | "hash"> {
  readonly requestHash?: string;
  readonly profile?: string;
  /** `generate`: the key and its SubjectPublicKeyInfo, base64. */
  readonly spec?: KeySpec;
  readonly spki?: string;
  /** Which of several processes wrote it. */
  readonly by?: string;
}

/** What is recorded of a signature. @param time milliseconds */
export const signEntry = (
  { tenant, handle, opId, type, profile, requestHash }: SignRequest,
  { tbs, signature }: Signed,
  time: number,
): Entry => ({
  time,
  op: "sign",
  tenant,
  handle,
  opId,
  type,
  profile,
  requestHash,
  tbs: base64(tbs),
  signature: base64(signature),
});

/** As it stands in the file. */
export interface Line extends Entry {
  /** Begins a group: all before it was synced when it was written. */
  readonly first?: true;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);

/** @throws Failure `malformed` for text that no `append` wrote */
export function readLine(json: string): Line {
  const refuse = (cause?: unknown): never => {
    throw new Failure("malformed", "it is no record of ours", { cause });
  };
  let line: Partial<Line> | null;
  try {
    line = JSON.parse(json) as Partial<Line> | null;
  } catch (cause) {
    return refuse(cause);
  }
  if (typeof line !== "object" || line === null) return refuse();
  const { op, tenant, handle, opId, type, requestHash, tbs, signature, spec, spki } = line;
  const sound =
    [op, tenant, handle, opId, type].every(isText) &&
    [requestHash, tbs, signature, spki].every(isTextOrAbsent) &&
    (spec === undefined || (typeof spec?.limits === "object" && spec.limits !== null && isText(spec.handle)));
  return sound ? (line as Line) : refuse();
}
