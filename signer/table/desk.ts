/**
 * One tenant in one process: what was learnt of its journal, and one thing at a time. Nothing is learnt but from records, so
 * there is nothing to take back when another process was first.
 */
import { setTimeout as wait } from "node:timers/promises";
import { FingerprintTable } from "#shared/crypto/fingerprints";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { SignerBucket } from "#shared/ports/bucket";
import type { SharedItems } from "#shared/ports/items";
import type { Entry } from "../journal-entry.ts";
import { createKeyRegistry, type KeyRegistry } from "../key-registry.ts";
import { createOperations, type OperationId } from "../operations.ts";
import { createRateLimit } from "../rate-limit.ts";
import { learnEntry } from "../replay.ts";
import { type Chain, openChain } from "./chain.ts";
import { type Counters, counterMs, createCounters } from "./counters.ts";
import { restoreEntry } from "./restored.ts";
import type { Snapshots } from "./snapshots.ts";

export interface Desk {
  readonly tenant: string;
  readonly registry: KeyRegistry;
  readonly chain: Chain;
  readonly counters: Counters;
  readonly rate: ReturnType<typeof createRateLimit>;
  /** The record of this operation: of that kind and of that name. */
  recorded(id: OperationId, op: Entry["op"]): Promise<Entry | undefined>;
  /** Alone at this desk in this process. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  /** Learns what others wrote, if that was not done within so many milliseconds. @returns how many records */
  fresh(withinMs: number): Promise<number>;
  /**
   * Calls `attempt` until it gives something; undefined says that others came first.
   * @throws Failure `overloaded` when they always do
   */
  contend<T>(attempt: () => Promise<T | undefined>): Promise<T>;
  /** Closes old totals, with `all` those of this process too, and saves what was learnt; each when it is time. */
  tidy(all?: boolean): Promise<void>;
  /** @param least records that were learnt since the last time */
  save(least: number): Promise<void>;
  /** What it has read makes no sense: it must be opened again. */
  spoilt(): boolean;
  /** In work or waiting. */
  busy(): number;
}

export interface DeskDeps {
  readonly items: SharedItems;
  readonly bucket: SignerBucket;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly warn: (line: string) => void;
  /** Of this process; stands in its records. */
  readonly process: string;
  /** That may be at work at once. */
  readonly processes: number;
  /** Waits between two tries; in tests at once. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Fewer records are read again in less time than it takes to fetch what is remembered; more keep a cold start waiting. */
const worthRemembering = { least: 1_000, most: 5_000 };
const mostTries = 40;
/** Before the next try, at most; more each time. */
const stepMs = 5;
const mostPauseMs = 100;

/** Found again by their opId, beside signatures: what any process may write, but one only. */
const isOnce = ({ op, count }: Entry): boolean => op === "restore" || (count !== undefined && op !== "sign");

export async function openDesk(tenant: string, deps: DeskDeps): Promise<Desk> {
  const { items, bucket, snapshots, clock, process, pause = wait } = deps;
  const kept = await snapshots.load(tenant);
  const registry = createKeyRegistry(kept);
  const operations = createOperations(kept && FingerprintTable.of(kept.operations));
  const rate = createRateLimit(clock, deps.processes);
  let remembered = kept?.mark.n ?? 0;
  let read = 0;
  let swept = 0;
  let busy = 0;
  let spoilt = false;
  let before: Promise<unknown> = Promise.resolve();

  const chain = openChain({
    items,
    bucket,
    tenant,
    from: kept?.mark,
    onRecord({ n, entry }) {
      spoilt = true;
      learnEntry(entry, { n, place: n }, { registry, operations });
      spoilt = false;
      if (isOnce(entry)) operations.ended(entry, n);
      if (entry.op !== "sign" || entry.by === process) return;
      const key = registry.byHandle(entry.tenant, entry.handle);
      if (key !== undefined) rate.seen(key, entry.time);
    },
  });

  async function catchUp(): Promise<number> {
    const asked = clock.now();
    const learnt = await chain.catchUp();
    read = asked; // what was written after that may be missing, however long the answer took
    return learnt;
  }

  async function save(least: number): Promise<void> {
    const mark = chain.mark();
    if (spoilt || mark.n - remembered < least) return;
    remembered = mark.n;
    const snapshot = { tenant, mark, operations: operations.dump(), ...registry.dump() };
    await snapshots.save(snapshot).catch((error: unknown) => {
      if (!isFailure(error, "unavailable")) throw error;
      deps.warn(`what was learnt of tenant ${tenant} cannot be saved now: ${error.message}`);
    });
  }

  async function recorded(id: OperationId, op: Entry["op"]): Promise<Entry | undefined> {
    for (const n of operations.places(id)) {
      const entry = await chain.readAt(n);
      if (entry.op === op && entry.tenant === id.tenant && entry.opId === id.opId) return entry;
    }
    return undefined;
  }

  async function contend<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 1; tries <= mostTries; tries++) {
      const result = await attempt();
      if (result !== undefined) return result;
      await pause(Math.random() * Math.min(stepMs * tries, mostPauseMs));
    }
    throw new Failure("overloaded", "many processes of the signer write this tenant's journal at once; try again", {
      retryAfter: 1,
    });
  }

  const recordOnce = async (entry: Entry): Promise<void> => {
    await contend(async () => (await recorded(entry, entry.op)) ?? (await chain.append({ ...entry, by: process })));
  };

  const counters = createCounters({ items, clock, tenant, process, recordOnce });

  await catchUp();
  const restored = await restoreEntry(items, tenant);
  if (restored !== undefined && chain.mark().n > 0) await recordOnce(restored);

  return {
    tenant,
    registry,
    chain,
    counters,
    rate,
    recorded,
    contend,
    save,
    busy: () => busy,
    spoilt: () => spoilt,

    async turn(work) {
      busy++;
      const mine = before.then(work, work);
      before = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        busy--;
      }
    },

    fresh: (withinMs) => (clock.now() - read < withinMs ? Promise.resolve(0) : catchUp()),

    async tidy(all = false) {
      if (all || clock.now() - swept >= counterMs) {
        swept = clock.now();
        await counters.sweep(all);
      }
      const { least, most } = worthRemembering;
      await save(Math.min(Math.max(least, remembered / 10), most));
    },
  };
}
