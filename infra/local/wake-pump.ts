/** Turns wakes into calls: once for each tenant at a time, again later where a function asks for it. */
import type { LocalDeps } from "./compose.ts";
import { report } from "./report.ts";

type WakeHandler = (tenant: string) => Promise<number | undefined>;

export interface WakePump {
  /** What a wake does, without one: covers those that were lost. */
  sweep(tenant: string): Promise<void>;
  stop(): Promise<void>;
}

export function startWakePump({ wakes }: LocalDeps, handlers: readonly WakeHandler[]): WakePump {
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped = false;

  async function sweep(tenant: string): Promise<void> {
    const waits = await Promise.all(
      handlers.map((handler) =>
        handler(tenant).catch((error: unknown) => {
          report(error, { function: "wake", tenant });
          return undefined;
        }),
      ),
    );
    const due = waits.filter((wait) => wait !== undefined);
    if (due.length > 0) callAgain(tenant, Math.min(...due));
  }

  function callAgain(tenant: string, ms: number): void {
    clearTimeout(timers.get(tenant));
    if (stopped) return;
    timers.set(
      tenant,
      setTimeout(
        () => {
          timers.delete(tenant);
          void sweep(tenant);
        },
        Math.max(ms, 10),
      ),
    );
  }

  const unlisten = wakes.listen(({ tenant }) => sweep(tenant));
  return {
    sweep,
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await unlisten();
    },
  };
}
