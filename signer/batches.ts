/**
 * What is done many times a second and is no certificate is journalled as totals (I5): one record for each key, kind and
 * batch, with the count and a digest over all that was signed or decrypted. At most `maxCount` or `maxMs` milliseconds of it
 * are counted but not yet written.
 */
import { sha256Parts } from "#shared/crypto/hash";
import type { Clock } from "#shared/ports/clock";
import type { SignedType } from "#shared/ports/signer";
import type { KeyState } from "./guard/key-state.ts";
import type { Journal } from "./journal.ts";

export const maxCount = 1_000;
const maxMs = 5_000;

export type CountedType = Extract<SignedType, "ocsp" | "cms" | "cmp"> | "decrypt";

const countedTypes: ReadonlySet<string> = new Set<CountedType>(["ocsp", "cms", "cmp", "decrypt"]);
export const isCounted = (type: string): type is CountedType => countedTypes.has(type);

/** @param digest over what was counted before @param bytes what was signed or decrypted */
export const batchDigest = (type: CountedType, digest: string, bytes: Uint8Array): string =>
  sha256Parts(`trstctl/${type}-batch/1`, digest, bytes);

interface Batch {
  readonly key: KeyState;
  readonly type: CountedType;
  readonly since: number;
  count: number;
  digest: string;
}

export function createBatches(journal: Journal, clock: Clock) {
  const open = new Map<string, Batch>();
  const nameOf = ({ tenant, handle }: KeyState["spec"], type: CountedType): string => `${tenant}/${handle}/${type}`;

  async function close({ key: { spec }, type, since, count, digest }: Batch): Promise<void> {
    open.delete(nameOf(spec, type));
    const { tenant, handle } = spec;
    const opId = `${type}/${since}`;
    await journal.append({ time: clock.now(), op: "batch", tenant, handle, opId, type, count, reason: digest });
  }

  return {
    /** @param bytes what was signed or decrypted */
    async count(key: KeyState, type: CountedType, bytes: Uint8Array): Promise<void> {
      const name = nameOf(key.spec, type);
      const batch = open.get(name) ?? { key, type, since: clock.now(), count: 0, digest: "" };
      open.set(name, batch);
      batch.count++;
      batch.digest = batchDigest(type, batch.digest, bytes);
      if (batch.count >= maxCount || clock.now() - batch.since >= maxMs) await close(batch);
    },
    async flush(): Promise<void> {
      for (const batch of open.values()) await close(batch);
    },
  };
}
