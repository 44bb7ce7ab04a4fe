/**
 * The batcher of one lane: gives sequence and hash to every command that waits in this process and writes them in one
 * transaction. A lost head retries with a fresh one; a command whose own condition fails is answered and leaves the
 * batch, the others go on.
 */
import { newId, randomBytes } from "#shared/crypto/random";
import type { AggregateKind, Happened } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import type { Append, Committed, Position, Snapshot } from "#shared/ports/event-log";
import { maxBodyBytes, maxTransactionBytes, maxWrites, type Table, type Write } from "#shared/ports/table";
import { catalogue } from "../catalogue/catalogue.ts";
import type { Fence } from "./fence.ts";
import { type Head, readHead, writeHead } from "./head.ts";
import { idempotencyKey, stateKey } from "./keys.ts";
import { chainEvent, eventBytes } from "./record.ts";
import { epochOfRevision, nextRevision } from "./revision.ts";
import { absent, evolveSnapshot, stateItem } from "./state-row.ts";

export interface LaneWriterDeps {
  readonly table: Table;
  readonly tenant: string;
  readonly lane: number;
  readonly lanes: number;
  readonly region: string | undefined;
  readonly fence: Fence;
  /** Other processes write this lane too: a head is then read before each batch, for a lost one costs a whole transaction. */
  readonly several: boolean;
  readonly onCommitted: () => void;
}

/** The event that a request brought about. */
export type RecordedEvent = readonly [lane: number, seq: number, id: string];

interface Pending {
  readonly append: Append;
  readonly eventId: string;
  readonly keys: readonly string[];
  tries: number;
  readonly resolve: (outcome: Committed) => void;
  readonly reject: (error: unknown) => void;
}

const idempotencyMs = 7 * 86_400_000;
/** Room for the head and for an idempotency record with their keys. */
const headBytes = 1024;
const idempotencyBytes = 1024;
const maxTries = 12;
/** Who lost a head steps out of the others' way, for a random part of this, doubled with each try up to the most. */
const firstPauseMs = 8;
const mostPauseMs = 250;

export function createLaneWriter(deps: LaneWriterDeps) {
  const queue: Pending[] = [];
  let running = false;
  let head: Head | undefined;

  async function run(): Promise<void> {
    running = true;
    try {
      while (queue.length > 0) {
        const batch = takeBatch(queue);
        await writeBatch(batch);
        // Under load one turn of the event loop brings more commands to share the next commit; alone nobody waits.
        if (batch.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      running = false;
    }
  }

  async function writeBatch(batch: Pending[]): Promise<void> {
    try {
      if (deps.several) head = undefined;
      head ??= await admitted();
      const built = build(deps, head, batch);
      queue.unshift(...built.left);
      if (built.applied.length === 0) return;
      const outcome = await deps.table.transact(built.writes);
      if (outcome.ok) {
        head = built.head;
        for (const { pending, position, after } of built.applied) {
          pending.resolve({ ok: true, position, eventId: pending.eventId, after });
        }
        deps.onCommitted();
        return;
      }
      if (outcome.contended || outcome.failed.some((at) => built.owners[at] === undefined)) head = undefined;
      const again = settleFailed(built, outcome.failed);
      if (head === undefined && again > 0) await pause(again);
    } catch (error) {
      // The transaction may or may not have happened: forget the head, let each caller find out by its key.
      head = undefined;
      for (const pending of batch) pending.reject(error);
    }
  }

  /** @throws Failure `unavailable` for whoever waits when this process may not write */
  async function admitted(): Promise<Head> {
    const read = await readHead(deps.table, deps.tenant, deps.lane, deps.lanes, deps.region);
    try {
      deps.fence(deps.lane, read);
    } catch (error) {
      // All of them were begun before the head was read.
      for (const pending of queue.splice(0)) pending.reject(error);
      throw error;
    }
    return read;
  }

  /** @returns how often the first of those that are tried again has lost */
  function settleFailed(built: Built, failed: readonly number[]): number {
    const lost = new Map<Pending, "stale" | "replayed">();
    for (const at of failed) {
      const owner = built.owners[at];
      if (owner === undefined) continue;
      // A taken idempotency key explains everything else that failed for that command.
      if (owner.replay || !lost.has(owner.pending)) lost.set(owner.pending, owner.replay ? "replayed" : "stale");
    }
    for (const [pending, reason] of lost) pending.resolve({ ok: false, reason });
    const again = built.applied.map(({ pending }) => pending).filter((pending) => !lost.has(pending));
    // Neighbours that failed by themselves are gone from the next try: only a lost head or contention counts.
    if (lost.size === 0) for (const pending of again) pending.tries++;
    const exhausted = again.filter(({ tries }) => tries > maxTries);
    for (const pending of exhausted)
      pending.reject(new Failure("unavailable", "the log is busy; try again", { retryAfter: 1 }));
    queue.unshift(...again.filter((pending) => !exhausted.includes(pending)));
    return queue[0]?.tries ?? 0;
  }

  return {
    commit(append: Append): Promise<Committed> {
      return new Promise((resolve, reject) => {
        const eventId = newId(append.at);
        queue.push({ append, eventId, keys: keysOf(append), tries: 0, resolve, reject });
        if (!running) void run();
      });
    },
  };
}

/** @param lost how often before, from 1 */
function pause(lost: number): Promise<void> {
  const most = Math.min(mostPauseMs, firstPauseMs * 2 ** lost);
  return new Promise((resolve) => setTimeout(resolve, ((randomBytes(1)[0] ?? 0) / 256) * most));
}

const snapshotKey = ({ kind, id }: { readonly kind: AggregateKind; readonly id: string }): string => `${kind}/${id}`;

const keysOf = (append: Append): string[] => [
  ...[append.stream, ...(append.touches ?? [])].map(snapshotKey),
  ...(append.effects ?? []).map((effect) => `outbox/${effect.id}`),
  ...(append.idempotency === undefined ? [] : [`idempotency/${append.idempotency.key}`]),
];

/** The longest run of waiting commands that fits one transaction and touches nothing twice. Later ones keep their order. */
function takeBatch(queue: Pending[]): Pending[] {
  const batch: Pending[] = [];
  const taken = new Set<string>();
  let writes = 2; // the head, and the number of lanes in a new one
  for (let at = 0; at < queue.length; ) {
    const pending = queue[at];
    if (pending === undefined) break;
    const cost = pending.keys.length + 1;
    if (writes + cost > maxWrites) break;
    if (pending.keys.some((key) => taken.has(key))) {
      // Not overtaken by a later command on the same aggregates.
      for (const key of pending.keys) taken.add(key);
      at++;
      continue;
    }
    for (const key of pending.keys) taken.add(key);
    batch.push(pending);
    queue.splice(at, 1);
    writes += cost;
  }
  if (batch.length === 0) {
    const [pending] = queue.splice(0, 1);
    pending?.reject(tooMuch());
  }
  return batch;
}

interface Applied {
  readonly pending: Pending;
  readonly position: Position;
  /** The stream's aggregate after its event. */
  readonly after: Snapshot;
}

interface Built {
  readonly applied: readonly Applied[];
  /** Those that no longer fitted, by their bytes. */
  readonly left: readonly Pending[];
  readonly writes: readonly Write[];
  /** For each write the command that it belongs to; the head and the events belong to none. */
  readonly owners: readonly ({ readonly pending: Pending; readonly replay: boolean } | undefined)[];
  readonly head: Head;
}

function build({ tenant, lane, lanes, region }: LaneWriterDeps, head: Head, batch: readonly Pending[]): Built {
  const writes: Write[] = [];
  const owners: Built["owners"][number][] = [];
  let { seq, hash } = head;
  const add = (write: Write, owner?: Built["owners"][number]): void => {
    writes.push(write);
    owners.push(owner);
  };
  const applied: Applied[] = [];
  let total = headBytes;
  let fitting = 0;
  for (const pending of batch) {
    const { append } = pending;
    const at = { lane, seq: seq + 1 };
    const effective = applying(tenant, pending, at, head.epoch);
    if (effective === undefined) {
      fitting++;
      continue;
    }
    const chained = chainEvent(tenant, at, hash, effective.event);
    const event: Write = { put: chained.item, if: "absent" };
    total += sizeOf(event) + effective.bytes + idempotencyBytes;
    if (total > maxTransactionBytes && applied.length > 0) break;
    fitting++;
    if (total > maxTransactionBytes) {
      pending.reject(tooMuch());
      total = headBytes;
      continue;
    }
    seq++;
    applied.push({ pending, position: at, after: effective.after });
    hash = chained.hash;
    add(event);
    for (const write of effective.states) add(write, { pending, replay: false });
    if (append.idempotency !== undefined) {
      // Where a failover may lose the event and keep the record, the record says whose it is (log.ts, `replayOf`).
      const of: RecordedEvent | undefined = region === undefined ? undefined : [at.lane, at.seq, pending.eventId];
      const body = JSON.stringify({ ...append.idempotency, of });
      add(
        {
          put: {
            ...idempotencyKey(tenant, append.idempotency.key),
            rev: 1,
            body,
            expiresAt: append.at + idempotencyMs,
          },
          if: "absent",
        },
        { pending, replay: true },
      );
    }
  }
  const next: Head = { ...head, seq, hash, rev: head.rev + 1 };
  for (const write of writeHead(tenant, lane, lanes, head, next)) add(write);
  return { writes, owners, applied, left: batch.slice(fitting), head: next };
}

interface Effective {
  /** Text of the event. */
  readonly event: string;
  readonly states: readonly Write[];
  /** Of the states. */
  readonly bytes: number;
  readonly after: Snapshot;
}

/** The states that the event brings about; a command that cannot apply is refused by itself, its neighbours go on. */
function applying(tenant: string, pending: Pending, at: Position, epoch: number): Effective | undefined {
  const { stream, touches = [], effects = [], event, actor } = pending.append;
  const happened: Happened = {
    time: new Date(pending.append.at).toISOString(),
    actor: actor.subject,
    stream: { kind: stream.kind, id: stream.id },
    effects,
  };
  try {
    for (const read of [stream, ...touches]) assertNotAhead(tenant, read, epoch);
    const evolved = (before: Snapshot): Snapshot =>
      evolveSnapshot(before, nextRevision(before.rev, epoch), event, happened, at);
    const after = evolved(stream);
    const others = [...touches, ...effects.map((effect) => absent("outbox", effect.id))];
    const pairs = [{ before: stream, after }, ...others.map((before) => ({ before, after: evolved(before) }))];
    const states = pairs.flatMap((pair) => stateWrite(tenant, pair.before, pair.after) ?? []);
    const text = eventBytes(pending.append, pending.eventId, catalogue[event.type].current, epoch);
    return { event: text, after, states, bytes: states.reduce((sum, write) => sum + sizeOf(write), 0) };
  } catch (error) {
    pending.reject(error);
    return undefined;
  }
}

function stateWrite(tenant: string, before: Snapshot, after: Snapshot): Write | undefined {
  const condition = before.rev === 0 ? ("absent" as const) : { rev: before.rev };
  if (after.state !== undefined) return { put: stateItem(tenant, after), if: condition };
  return before.rev === 0 ? undefined : { delete: stateKey(tenant, before.kind, before.id), if: condition };
}

/** Of a copy whose items arrive one by one: the head may be older than what was read, and would end the newer one. */
function assertNotAhead(tenant: string, { kind, id, rev }: Snapshot, epoch: number): void {
  const read = epochOfRevision(rev);
  if (read <= epoch) return;
  const ahead = `${kind} ${id} was written in epoch ${read} and its lane's head says ${epoch}`;
  throw new Failure("unavailable", `nothing was written: the log of tenant ${tenant} is in pieces here: ${ahead}`, {
    retryAfter: 60,
  });
}

const tooMuch = (): Failure => new Failure("too_large", "the command touches more than one transaction can hold");

/** At least what the adapters count. @throws Failure `too_large` for a body that no adapter holds */
function sizeOf(write: Write): number {
  const { pk, sk } = "put" in write ? write.put : "delete" in write ? write.delete : write.check;
  const keys = Buffer.byteLength(pk) + Buffer.byteLength(sk) + 64;
  if (!("put" in write)) return keys;
  const { body, view } = write.put;
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBodyBytes)
    throw new Failure("too_large", `${sk} would be ${bytes} bytes; at most ${maxBodyBytes} are stored`);
  return keys + bytes + (view === undefined ? 0 : Buffer.byteLength(view.pk) + Buffer.byteLength(view.sk));
}
