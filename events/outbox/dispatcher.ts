/**
 * Delivers outbox entries (I7): oldest first within (tenant, destination), one in flight for each of them, retried with
 * backoff, dead after `maxAttempts` (those of our own services only when hopeless). Pending entries are found in the store, so a crash or a lost wake only delays.
 */
import type { EventLog, Snapshot } from "#shared/ports/event-log";
import type { Clock } from "#shared/ports/clock";
import type { TableStore } from "#shared/ports/table";
import type { OutboxEntry, OutboxEvent } from "#shared/domain/outbox/outbox";
import { shownFailure } from "#shared/kernel/shown-failure";
import { Failure, isFailure } from "#shared/kernel/failure";
import { type Attempt, forgetAttempt, readAttempt, writeAttempt } from "./attempt.ts";
import { backoffMs, leftMs, longestPauseMs, maxAttempts } from "./backoff.ts";
import { createCircuits } from "./circuit.ts";
import type { Destination, Destinations } from "./destination.ts";

export interface DispatcherDeps {
  readonly log: EventLog;
  readonly tables: TableStore;
  readonly clock: Clock;
  readonly destinations: Destinations;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly onFailure: (delivery: { tenant: string; id: string; destination: string }, error: unknown) => void;
}

type Settled = Extract<OutboxEvent, { type: "outbox.delivered" | "outbox.dead" }>;
type Entry = Snapshot<"outbox"> & { readonly state: OutboxEntry };

const actor = { subject: "system:outbox", roles: [] };
const deliveryDeadlineMs = 25_000;
const pageSize = 100;

export function createDispatcher(deps: DispatcherDeps) {
  const circuits = createCircuits(deps);
  const running = new Map<string, Promise<number | undefined>>();

  /** Works off what is due. @returns milliseconds until something waiting is due, or undefined when nothing waits. */
  async function pass(tenant: string): Promise<number | undefined> {
    const byDestination = new Map<string, Entry[]>();
    let after: string | undefined;
    do {
      const page = await deps.log.list(tenant, "outbox", { limit: pageSize, view: { name: "outbox-pending" }, after });
      for (const entry of page.items) {
        const entries = byDestination.get(entry.state.destination) ?? [];
        entries.push(entry);
        byDestination.set(entry.state.destination, entries);
      }
      after = page.cursor;
    } while (after !== undefined);
    // All of them to their end, also when one is broken by the store: the next pass must not overlap this one.
    const drained = await Promise.allSettled(
      [...byDestination].map(([destination, entries]) => drain(tenant, destination, entries)),
    );
    const waits = drained.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    });
    const due = waits.filter((wait) => wait !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  async function drain(tenant: string, destination: string, entries: readonly Entry[]): Promise<number | undefined> {
    let next: number | undefined;
    const later = (ms: number): void => {
      next = Math.min(next ?? ms, ms);
    };
    for (const entry of entries) {
      const wait = await circuits.wait(tenant, destination, deps.clock.now());
      if (wait > 0) {
        later(wait);
        break;
      }
      // The view may be behind, and another process may have been here since.
      const { rev, state } = await deps.log.load(tenant, "outbox", entry.id);
      if (rev !== entry.rev || state?.status !== "pending") continue;
      const attempt = await readAttempt(deps.tables.tenant(tenant), tenant, entry);
      const remaining = attempt === undefined ? 0 : remainingMs(attempt, destination);
      if (remaining > 0) later(remaining);
      else {
        const retryMs = await attemptOnce(tenant, entry, (attempt?.attempts ?? 0) + 1);
        if (retryMs !== undefined) later(retryMs);
      }
    }
    return next;
  }

  const targetOf = (destination: string): Destination | undefined =>
    Object.hasOwn(deps.destinations, destination) ? deps.destinations[destination] : undefined;

  const remainingMs = ({ attempts, nextAt }: Attempt, destination: string): number =>
    leftMs(nextAt, longestPauseMs(attempts, targetOf(destination)?.own === true), deps.clock.now());

  /** @returns milliseconds until the next attempt, or undefined when the entry is settled. */
  async function attemptOnce(tenant: string, entry: Entry, attempts: number): Promise<number | undefined> {
    const { destination, payload } = entry.state;
    const target = targetOf(destination);
    try {
      if (target === undefined) throw new Failure("unprocessable", `no destination is called ${destination}`);
      await withDeadline(target.deliver({ tenant, id: entry.id, payload }));
    } catch (error) {
      deps.onFailure({ tenant, id: entry.id, destination }, error);
      const shown = shownFailure(error);
      const detail = `${shown.code}: ${shown.message}`;
      const own = target?.own === true;
      // Our own services are back when they are back: no breaker keeps a revocation waiting, and no long pause.
      if (!isHopeless(error))
        await circuits.failed(tenant, destination, { now: deps.clock.now(), error: detail, opens: !own });
      if (isHopeless(error) || (attempts >= maxAttempts && !own)) {
        await settle(tenant, entry, { type: "outbox.dead", data: { destination, attempts, error: detail } });
        return undefined;
      }
      const wait = backoffMs(attempts, deps.random(), own);
      await writeAttempt(deps.tables.tenant(tenant), tenant, entry, {
        attempts,
        nextAt: deps.clock.now() + wait,
        error: detail,
      });
      return wait;
    }
    await circuits.succeeded(tenant, destination);
    // When this fails the store is at fault, not the destination: the entry stays pending and is delivered again.
    await settle(tenant, entry, { type: "outbox.delivered", data: { destination, attempts } });
    return undefined;
  }

  /** Losing the race against another dispatcher is fine: the entry is settled either way. */
  async function settle(tenant: string, entry: Entry, event: Settled): Promise<void> {
    await deps.log.commit({ tenant, actor, at: deps.clock.now(), stream: entry, event });
    if (event.data.attempts > 1) await forgetAttempt(deps.tables.tenant(tenant), tenant, entry.id);
  }

  return {
    /** At most one pass for a tenant at a time in this process; a call during a pass is answered by one more pass. */
    async run(tenant: string): Promise<number | undefined> {
      const current = running.get(tenant);
      if (current !== undefined) await current.catch(() => undefined);
      const again = running.get(tenant);
      if (again !== undefined) return again;
      const started = pass(tenant).finally(() => running.delete(tenant));
      running.set(tenant, started);
      return started;
    },
  };
}

const isHopeless = (error: unknown): boolean =>
  isFailure(error, "unprocessable") || isFailure(error, "not_found") || isFailure(error, "invalid_field");

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Failure("unavailable", `no answer within ${deliveryDeadlineMs / 1000} s`)),
      deliveryDeadlineMs,
    );
    timer.unref();
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
