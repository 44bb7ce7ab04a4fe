/** Turns wakes into calls: once for each tenant at a time, again later where a function asks for it. */
import type { LocalDeps } from "./compose.ts";
import { report } from "./report.ts";

type WakeHandler = (tenant: string) => Promise<number | undefined>;

export interface WakePump {
  /** What a wake does, without one: covers those that were lost. */
  sweep(tenant: string): Promise<void>;
  stop(): Promise<void>;
}

/** Under load every commit rings: what follows the log reads what came in so many milliseconds at once. */
const gatherMs = 20;
/** After a failure of ours. */
const againMs = 1_000;

export function startWakePump({ wakes }: LocalDeps, handlers: readonly WakeHandler[]): WakePump {
  const timers = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();
  let stopped = false;

  async function sweep(tenant: string): Promise<void> {
    const waits = await Promise.all(
      handlers.map((handler) =>
        handler(tenant).catch((error: unknown) => {
          report(error, { function: "wake", tenant });
          return againMs; // a full disk, for one, has room again: what waits must not wait for the next wake
        }),
      ),
    );
    const due = waits.filter((wait) => wait !== undefined);
    if (due.length > 0) callWithin(tenant, Math.max(Math.min(...due), gatherMs));
  }

  /** One timer for a tenant, the earlier one. */
  function callWithin(tenant: string, ms: number): void {
    const at = performance.now() + ms;
    const set = timers.get(tenant);
    if (stopped || (set !== undefined && set.at <= at)) return;
    clearTimeout(set?.timer);
    const call = (): void => {
      timers.delete(tenant);
      void sweep(tenant);
    };
    timers.set(tenant, { at, timer: setTimeout(call, ms) });
  }

  const unlisten = wakes.listen(async ({ tenant }) => callWithin(tenant, gatherMs));
  return {
    sweep,
    async stop() {
      stopped = true;
      for (const { timer } of timers.values()) clearTimeout(timer);
      await unlisten();
    },
  };
}
