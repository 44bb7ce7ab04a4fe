import type { Wake, Wakes } from "#shared/ports/wakes";

export interface LocalWakes {
  /** Gets what a listener throws. Must not throw itself. */
  readonly onError: (error: unknown, wake: Wake) => void;
  /** Rings above this many different pending wakes are lost; the sweeper covers them. */
  readonly maxPending?: number;
  /** Calls of one listener at the same time, each for another wake. */
  readonly concurrency?: number;
}

interface Listener {
  ring(wake: Wake): void;
  stop(): Promise<void>;
}

/** Wakes within one process. Equal rings that wait become one; a ring during its own wake's run runs it once more. */
export function localWakes({ onError, maxPending = 10_000, concurrency = 16 }: LocalWakes): Wakes {
  const listeners = new Set<Listener>();

  function listener(onWake: (wake: Wake) => Promise<void>): Listener {
    const pending = new Map<string, Wake>();
    const running = new Map<string, Promise<void>>();
    let scheduled = false;
    let stopped = false;

    function schedule(): void {
      if (scheduled || stopped) return;
      scheduled = true;
      setImmediate(() => {
        scheduled = false;
        start();
      });
    }

    function start(): void {
      if (stopped) return;
      for (const [key, wake] of pending) {
        if (running.size >= concurrency) return;
        if (running.has(key)) continue;
        pending.delete(key);
        running.set(key, run(key, wake));
      }
    }

    async function run(key: string, wake: Wake): Promise<void> {
      try {
        await onWake(wake);
      } catch (error) {
        onError(error, wake);
      }
      running.delete(key);
      if (pending.size > 0) schedule();
    }

    return {
      ring(wake) {
        const key = `${wake.tenant}#${wake.lane}`;
        if (stopped || (pending.size >= maxPending && !pending.has(key))) return;
        pending.set(key, wake);
        schedule();
      },
      async stop() {
        stopped = true;
        pending.clear();
        await Promise.all(running.values());
      },
    };
  }

  return {
    ring(wake) {
      for (const one of listeners) one.ring(wake);
    },
    listen(onWake) {
      const one = listener(onWake);
      listeners.add(one);
      return async () => {
        listeners.delete(one);
        await one.stop();
      };
    },
  };
}
