/**
 * Signs what is still good but soon no more, in batches beside the answers, so nobody waits for a signature that could have
 * been made before. What fails is signed when it is asked for: then whoever asks hears why.
 */
const batchSize = 32;

export interface SignAhead {
  /** @param key what is waiting or in work under it is not asked for again */
  renew(key: string, sign: () => Promise<unknown>): void;
}

export function createSignAhead(): SignAhead {
  const waiting = new Map<string, () => Promise<unknown>>();
  const inWork = new Set<string>();

  async function work(): Promise<void> {
    while (waiting.size > 0) {
      // What the same turn asks for goes together, and what comes from outside before it.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = [...waiting].slice(0, batchSize);
      for (const [key] of batch) inWork.add(key);
      for (const [key] of batch) waiting.delete(key);
      await Promise.allSettled(batch.map(([, sign]) => sign()));
      for (const [key] of batch) inWork.delete(key);
    }
  }

  return {
    renew(key, sign) {
      if (waiting.has(key) || inWork.has(key)) return;
      waiting.set(key, sign);
      if (waiting.size === 1 && inWork.size === 0) void work();
    },
  };
}
