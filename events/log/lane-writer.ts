/**
 * The batcher of one lane: gives sequence and hash to every command that waits in this process and writes them in one
 * transaction. A lost head retries with a fresh one; a command whose own condition fails is answered and leaves the
 * batch, the others go on.
 */
import { newId } from "#shared/crypto/random";
import type { AggregateKind } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import type { Append, Committed, Snapshot } from "#shared/ports/event-log";
import { maxWrites, type Table, type Write } from "#shared/ports/table";
import { catalogue } from "../catalogue/catalogue.ts";
import { type Head, readHead, writeHead } from "./head.ts";
import { idempotencyKey, stateKey } from "./keys.ts";
import { chainEvent, eventBytes } from "./record.ts";
import { absent, evolveSnapshot, stateItem } from "./state-row.ts";

export interface LaneWriterDeps {
  readonly table: Table;
  readonly tenant: string;
  readonly lane: number;
  readonly lanes: number;
  readonly onCommitted: () => void;
}

interface Pending {
  readonly append: Append;
  readonly eventId: string;
  readonly bytes: string;
  readonly keys: readonly string[];
  tries: number;
  readonly resolve: (outcome: Committed) => void;
  readonly reject: (error: unknown) => void;
}

const idempotencyMs = 7 * 86_400_000;
const maxTries = 12;

export function createLaneWriter(deps: LaneWriterDeps) {
  const queue: Pending[] = [];
  let running = false;
  let head: Head | undefined;

  async function run(): Promise<void> {
    running = true;
    try {
      while (queue.length > 0) await writeBatch(takeBatch(queue));
    } finally {
      running = false;
    }
  }

  async function writeBatch(batch: Pending[]): Promise<void> {
    try {
      head ??= await readHead(deps.table, deps.tenant, deps.lane, deps.lanes);
      const built = build(deps, head, batch);
      const outcome = await deps.table.transact(built.writes);
      if (outcome.ok) {
        head = built.head;
        batch.forEach((pending, at) =>
          pending.resolve({
            ok: true,
            position: { lane: deps.lane, seq: built.head.seq - batch.length + 1 + at },
            eventId: pending.eventId,
          }),
        );
        deps.onCommitted();
        return;
      }
      if (outcome.contended || outcome.failed.some((at) => built.owners[at] === undefined)) head = undefined;
      settleFailed(batch, built, outcome.failed);
    } catch (error) {
      // The transaction may or may not have happened: forget the head, let each caller find out by its key.
      head = undefined;
      for (const pending of batch) pending.reject(error);
    }
  }

  function settleFailed(batch: Pending[], built: Built, failed: readonly number[]): void {
    const lost = new Map<Pending, "stale" | "replayed">();
    for (const at of failed) {
      const owner = built.owners[at];
      if (owner === undefined) continue;
      // A taken idempotency key explains everything else that failed for that command.
      if (owner.replay || !lost.has(owner.pending)) lost.set(owner.pending, owner.replay ? "replayed" : "stale");
    }
    for (const [pending, reason] of lost) pending.resolve({ ok: false, reason });
    const again = batch.filter((pending) => !lost.has(pending));
    const exhausted = again.filter((pending) => ++pending.tries > maxTries);
    for (const pending of exhausted)
      pending.reject(new Failure("unavailable", "the log is busy; try again", { retryAfter: 1 }));
    queue.unshift(...again.filter((pending) => !exhausted.includes(pending)));
  }

  return {
    commit(append: Append): Promise<Committed> {
      return new Promise((resolve, reject) => {
        const eventId = newId(append.at);
        const bytes = eventBytes(append, eventId, catalogue[append.event.type].current);
        queue.push({ append, eventId, bytes, keys: keysOf(append), tries: 0, resolve, reject });
        if (!running) void run();
      });
    },
  };
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
  let writes = 1; // the head
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
    pending?.reject(new Failure("too_large", "the command touches more than one transaction can hold", {}));
  }
  return batch;
}

interface Built {
  readonly writes: readonly Write[];
  /** For each write the command that it belongs to; the head and the events belong to none. */
  readonly owners: readonly ({ readonly pending: Pending; readonly replay: boolean } | undefined)[];
  readonly head: Head;
}

function build({ tenant, lane, lanes }: LaneWriterDeps, head: Head, batch: readonly Pending[]): Built {
  const writes: Write[] = [];
  const owners: Built["owners"][number][] = [];
  let { seq, hash } = head;
  const add = (write: Write, owner?: Built["owners"][number]): void => {
    writes.push(write);
    owners.push(owner);
  };
  for (const pending of batch) {
    const { append, bytes } = pending;
    const at = { lane, seq: ++seq };
    const chained = chainEvent(tenant, at, hash, bytes);
    hash = chained.hash;
    add({ put: chained.item, if: "absent" });
    const effects = append.effects ?? [];
    const happened = {
      time: new Date(append.at).toISOString(),
      actor: append.actor.subject,
      stream: { kind: append.stream.kind, id: append.stream.id },
      effects,
    };
    const before: Snapshot[] = [
      append.stream,
      ...(append.touches ?? []),
      ...effects.map((effect) => absent("outbox", effect.id)),
    ];
    for (const snapshot of before) {
      const write = stateWrite(tenant, snapshot, evolveSnapshot(snapshot, append.event, happened, at));
      if (write !== undefined) add(write, { pending, replay: false });
    }
    if (append.idempotency !== undefined) {
      const body = JSON.stringify(append.idempotency);
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
  const next: Head = { seq, hash, rev: head.rev + 1 };
  add(writeHead(tenant, lane, lanes, head, next));
  return { writes, owners, head: next };
}

function stateWrite(tenant: string, before: Snapshot, after: Snapshot): Write | undefined {
  const condition = before.rev === 0 ? ("absent" as const) : { rev: before.rev };
  if (after.state !== undefined) return { put: stateItem(tenant, after), if: condition };
  return before.rev === 0 ? undefined : { delete: stateKey(tenant, before.kind, before.id), if: condition };
}
