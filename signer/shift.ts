/** Work that can be asked to pause for a moment in which none of it is in hand. */
import { setImmediate as turn } from "node:timers/promises";

/** Slow algorithms sign for seconds: others do not wait for them to end, the pause waits for a better moment. */
const patienceMs = 100;

export function createShift() {
  let working = 0;
  let paused: Promise<void> | undefined;
  return {
    async work<T>(task: () => Promise<T>): Promise<T> {
      while (paused !== undefined) await paused;
      working++;
      try {
        return await task();
      } finally {
        working--;
      }
    },
    /** Runs `task` while nothing else is in work; not at all when that does not come about soon. */
    async pause(task: () => Promise<void>): Promise<void> {
      while (paused !== undefined) await paused;
      const { promise, resolve } = Promise.withResolvers<void>();
      paused = promise;
      try {
        for (const until = Date.now() + patienceMs; working > 0; await turn()) if (Date.now() > until) return;
        await task();
      } finally {
        paused = undefined;
        resolve();
      }
    },
  };
}
