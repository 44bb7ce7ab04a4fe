/**
 * What is journalled as totals, while it is still counted: an item for each kind and process (`T#<tenant>#B`), written before
 * the answer leaves, so that an environment that is frozen or killed loses nothing of it. It is closed into the chain by whoever
 * comes next once it is old or full: shut (nobody counts into it any more), recorded once, removed.
 */
import { sha256Hex } from "#shared/crypto/hash";
import { utf8, utf8Text } from "#shared/kernel/bytes";
import type { Clock } from "#shared/ports/clock";
import type { SharedItem, SharedItems } from "#shared/ports/items";
import type { Entry } from "../journal-entry.ts";
import { batchDigest, type CountedType, maxCount } from "../batches.ts";
import { refusalTotal, type Shed } from "../refusals.ts";

/** A total is in the chain so much later at most, while anybody asks for the tenant. */
export const counterMs = 60_000;
/** Totals of refusals are written so often: a flood of them must not be a flood of writes. */
const shedMs = 1_000;

type Kind =
  | { readonly type: CountedType; readonly tenant: string; readonly handle: string }
  | { readonly type: "refuse"; readonly shed: Shed };

interface Counter {
  readonly kind: Kind;
  /** Names the record that it becomes. */
  readonly opId: string;
  readonly since: number;
  readonly count: number;
  readonly digest: string;
  readonly shut?: true;
}

export interface Counters {
  /** Durable when it returns. @param bytes what was signed or decrypted */
  count(tenant: string, handle: string, type: CountedType, bytes: Uint8Array): Promise<void>;
  /** Durable within a second, if anything else is asked or refused by then. */
  shed(shed: Shed): Promise<void>;
  /** Closes what is old, whoever counted it; with `all`, what this process counts too. */
  sweep(all?: boolean): Promise<void>;
}

export interface CounterDeps {
  readonly items: SharedItems;
  readonly clock: Clock;
  readonly tenant: string;
  /** Of this process. */
  readonly process: string;
  /** Writes a record once, whoever else tries the same. */
  readonly recordOnce: (entry: Entry) => Promise<void>;
}

interface Own {
  readonly counter: Counter;
  readonly rev: number;
  /** Refusals that are not in the item yet. */
  readonly pending: number;
  readonly written: number;
}

const pageSize = 100;
/** A sort key that comes before those of all counters. */
const beforeAll = "!";

const partitionOf = (tenant: string): string => `T#${tenant}#B`;

/** Whether anything of the tenant is counted that is not in its journal yet. */
export const hasCounters = async (items: SharedItems, tenant: string): Promise<boolean> =>
  (await items.after(partitionOf(tenant), beforeAll, 1)).items.length > 0;

export function createCounters({ items, clock, tenant, process, recordOnce }: CounterDeps): Counters {
  const pk = partitionOf(tenant);
  const open = new Map<string, Own>();
  let made = 0;

  const nameOf = (kind: Kind): string =>
    kind.type === "refuse"
      ? `refuse/${sha256Hex(JSON.stringify([kind.shed.tenant, kind.shed.handle, kind.shed.reason])).slice(0, 16)}`
      : `${kind.type}/${kind.handle}`;
  const keyOf = (name: string, opId: string) => ({ pk, sk: `${name}/${opId.slice(opId.lastIndexOf("/") + 1)}` });

  function begin(kind: Kind): Own {
    const since = clock.now();
    const opId = `${kind.type}/${since}/${process}-${++made}`;
    return { counter: { kind, opId, since, count: 0, digest: "" }, rev: 0, pending: 0, written: 0 };
  }

  /** @returns false when somebody has shut it meanwhile */
  async function write(name: string, counter: Counter, rev: number): Promise<boolean> {
    const item: SharedItem = { ...keyOf(name, counter.opId), rev: rev + 1, body: utf8(JSON.stringify(counter)) };
    if (await items.put(item, rev === 0 ? "absent" : { rev })) return true;
    const there = await items.get(item); // an earlier try of this very write?
    return there?.rev === item.rev && utf8Text(there.body) === JSON.stringify(counter);
  }

  async function add(kind: Kind, change: (counter: Counter) => Counter): Promise<void> {
    const name = nameOf(kind);
    for (;;) {
      const own = open.get(name) ?? begin(kind);
      const counter = change(own.counter);
      open.delete(name); // after an exception nobody knows what is there: it is left to the sweep
      if (!(await write(name, counter, own.rev))) continue;
      const next: Own = { counter, rev: own.rev + 1, pending: 0, written: clock.now() };
      open.set(name, next);
      if (kind.type !== "refuse" && counter.count >= maxCount) await close(keyOf(name, counter.opId));
      return;
    }
  }

  /** Steps that anybody may take, and take again. */
  async function close(key: { readonly pk: string; readonly sk: string }): Promise<void> {
    const there = await items.get(key);
    if (there === undefined) return;
    let { rev } = there;
    const counter = JSON.parse(utf8Text(there.body)) as Counter;
    if (counter.shut !== true) {
      const body = utf8(JSON.stringify({ ...counter, shut: true } satisfies Counter));
      if (!(await items.put({ ...key, rev: rev + 1, body }, { rev }))) return; // it counts still, or another one closes it
      rev++;
    }
    for (const [name, own] of open) if (own.counter.opId === counter.opId) open.delete(name);
    await recordOnce(recordOf(counter));
    await items.delete(key, { rev });
  }

  function recordOf({ kind, opId, count, digest }: Counter): Entry {
    const time = clock.now();
    if (kind.type === "refuse") return { ...refusalTotal(kind.shed, count, time), opId };
    const { type, handle } = kind;
    return { time, op: "batch", tenant, handle, opId, type, count, reason: digest };
  }

  async function writePending(): Promise<void> {
    for (const [name, own] of open) {
      if (own.pending === 0) continue;
      const { pending } = own;
      open.set(name, { ...own, pending: 0 });
      await add(own.counter.kind, (counter) => ({ ...counter, count: counter.count + pending }));
    }
  }

  return {
    count: (owner, handle, type, bytes) =>
      add({ type, tenant: owner, handle }, (counter) => ({
        ...counter,
        count: counter.count + 1,
        digest: batchDigest(type, counter.digest, bytes),
      })),

    async shed(shed) {
      const kind: Kind = { type: "refuse", shed };
      const own = open.get(nameOf(kind));
      if (own !== undefined && clock.now() - own.written < shedMs) {
        open.set(nameOf(kind), { ...own, pending: own.pending + 1 });
        return;
      }
      const more = 1 + (own?.pending ?? 0);
      await add(kind, (counter) => ({ ...counter, count: counter.count + more }));
    },

    async sweep(all = false) {
      await writePending();
      for (let after = beforeAll; ; ) {
        const page = await items.after(pk, after, pageSize);
        for (const item of page.items) {
          const { opId, since, shut } = JSON.parse(utf8Text(item.body)) as Counter;
          const own = [...open.values()].some(({ counter }) => counter.opId === opId);
          if (shut === true || clock.now() - since >= counterMs || (all && own)) await close(item);
        }
        const last = page.items.at(-1);
        if (!page.more || last === undefined) return;
        after = last.sk;
      }
    },
  };
}
