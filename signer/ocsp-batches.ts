/**
 * OCSP signatures are journalled as totals (I5): one record for each key and batch, with the count and a digest over all
 * that was signed. At most `maxCount` signatures or `maxMs` milliseconds are counted but not yet written.
 */
import { sha256Parts } from "#shared/crypto/hash";
import type { Clock } from "#shared/ports/clock";
import type { KeyState } from "./guard/key-state.ts";
import type { Journal } from "./journal.ts";

const maxCount = 1_000;
const maxMs = 5_000;

interface Batch {
  count: number;
  digest: string;
  since: number;
}

export function createOcspBatches(journal: Journal, clock: Clock) {
  const open = new Map<KeyState, Batch>();

  async function close(key: KeyState, batch: Batch): Promise<void> {
    open.delete(key);
    const { tenant, handle } = key.spec;
    await journal.append({
      time: clock.now(),
      op: "batch",
      tenant,
      handle,
      opId: `ocsp/${batch.since}`,
      type: "ocsp",
      count: batch.count,
      reason: batch.digest,
    });
  }

  return {
    async count(key: KeyState, tbs: Uint8Array): Promise<void> {
      const batch = open.get(key) ?? { count: 0, digest: "", since: clock.now() };
      open.set(key, batch);
      batch.count++;
      batch.digest = sha256Parts("trstctl/ocsp-batch/1", batch.digest, tbs);
      if (batch.count >= maxCount || clock.now() - batch.since >= maxMs) await close(key, batch);
    },
    async flush(): Promise<void> {
      for (const [key, batch] of open) await close(key, batch);
    },
  };
}
