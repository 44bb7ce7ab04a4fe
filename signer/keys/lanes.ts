/**
 * Lanes of the thread pool for what takes long: two quick and one slow job at a time, so that of four threads the journal
 * always finds one. Within a lane tenants take turns (I8), and each has room for about five seconds of work.
 */
import { Failure } from "#shared/kernel/failure";

/** `slow`: from ten milliseconds to seconds. */
export type LaneName = "quick" | "slow";

const ofThePool: Readonly<Record<LaneName, number>> = { quick: 2, slow: 1 };
/** At a token at the same time; each has a thread of the pool for as long, which the supervisor makes room for. */
export const pkcs11AtOnce = 8;
/** Half of what the client waits for an answer. */
const roomMs = 5_000;

export interface Takes {
  readonly lane: LaneName;
  /** Of a core, in order of magnitude. */
  readonly ms: number;
}

export interface Lanes {
  /** @throws Failure `overloaded` while more of the tenant's jobs wait than can be done in time */
  assertRoom(takes: Takes, tenant: string): void;
  run<T>(lane: LaneName, tenant: string, work: () => Promise<T>): Promise<T>;
}

interface Lane {
  running: number;
  /** What waits, by tenant; the order is that of their turns. */
  readonly waiting: Map<string, (() => void)[]>;
}

/** @param atOnce threads that it may take */
export function createLanes(atOnce: Readonly<Record<LaneName, number>> = ofThePool): Lanes {
  const lanes: Readonly<Record<LaneName, Lane>> = {
    quick: { running: 0, waiting: new Map() },
    slow: { running: 0, waiting: new Map() },
  };

  function next(name: LaneName): void {
    const lane = lanes[name];
    while (lane.running < atOnce[name]) {
      const turn = lane.waiting.entries().next().value;
      if (turn === undefined) return;
      const [tenant, jobs] = turn;
      lane.waiting.delete(tenant);
      const start = jobs.shift();
      if (jobs.length > 0) lane.waiting.set(tenant, jobs);
      lane.running++;
      start?.();
    }
  }

  return {
    assertRoom({ lane, ms }, tenant) {
      const most = Math.ceil((roomMs * atOnce[lane]) / ms);
      if ((lanes[lane].waiting.get(tenant)?.length ?? 0) >= most)
        throw new Failure("overloaded", `${most} signatures of this kind wait already; try again`, { retryAfter: 5 });
    },

    run(name, tenant, work) {
      const lane = lanes[name];
      return new Promise((resolve, reject) => {
        const start = (): void =>
          void work()
            .then(resolve, reject)
            .finally(() => {
              lane.running--;
              next(name);
            });
        const jobs = lane.waiting.get(tenant) ?? [];
        jobs.push(start);
        lane.waiting.set(tenant, jobs);
        next(name);
      });
    },
  };
}
