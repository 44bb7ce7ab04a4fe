/**
 * The log as usecases see it (I2, I3, I6); `events/log` implements it.
 */
import type { AggregateKind, Effect, StreamId } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import type { States } from "#shared/domain/registry";

/** An aggregate as it was read; `rev` 0 is one that does not exist. A commit fails as stale if it has moved since. */
export interface Snapshot<K extends AggregateKind = AggregateKind> {
  readonly kind: K;
  readonly id: string;
  readonly rev: number;
  readonly state: States[K] | undefined;
  /** Where the event stands that brought it into being; undefined with rev 0. */
  readonly origin: Position | undefined;
}

export interface Position {
  readonly lane: number;
  readonly seq: number;
}

export interface Actor {
  readonly subject: string;
  readonly roles: readonly string[];
}

/** What a replay of the same request is answered from. Holds no answer and no secret. */
export interface IdempotencyRecord {
  readonly key: string;
  /** HMAC over method, path, principal and body. */
  readonly fingerprint: string;
  readonly status: number;
  readonly operation: string;
  /** Id of the resource that the answer shows. */
  readonly resource: string;
}

export interface Append {
  readonly tenant: string;
  readonly actor: Actor;
  /** Milliseconds. */
  readonly at: number;
  /** The stream that the event belongs to. */
  readonly stream: Snapshot;
  readonly event: DomainEvent;
  /** Other aggregates whose state the event changes. */
  readonly touches?: readonly Snapshot[];
  readonly effects?: readonly Effect[];
  readonly idempotency?: IdempotencyRecord | undefined;
  /** W3C trace-id of the request, for the audit trail. */
  readonly trace?: string | undefined;
}

/** `stale`: an aggregate moved since it was read, nothing was written. `replayed`: the idempotency key is taken. */
export type Committed =
  | {
      readonly ok: true;
      readonly position: Position;
      readonly eventId: string;
      /** The stream's aggregate as the event left it. */
      readonly after: Snapshot;
    }
  | { readonly ok: false; readonly reason: "stale" | "replayed" };

/** An event as stored. `bytes` is what the hash covers. */
export interface LoggedEvent extends Position {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly actor: Actor;
  readonly stream: StreamId;
  readonly event: DomainEvent;
  readonly effects: readonly Effect[];
  /** Every aggregate that it changes, with the revision it brings it to. */
  readonly writes: readonly AggregateWrite[];
  readonly hash: string;
  readonly bytes: string;
}

export type AggregateWrite = readonly [kind: AggregateKind, id: string, rev: number];

/** An event's place in the chain, whether or not the event is still there. */
export interface ChainLink extends Position {
  readonly hash: string;
  /** SHA-256 of the event's text, lower-case hex: with the hash before it gives the hash. */
  readonly sha256: string;
  /** The stored text; absent where retention removed it. */
  readonly event?: string;
  /** Where retention removed the event: SHA-256 of the TBS that it accounted for. */
  readonly signed?: string;
}

/** What stands for removed events, by what it is of. */
export interface LogSnapshot {
  readonly name: string;
  readonly body: string;
}

export interface LaneHead extends Position {
  readonly hash: string;
}

export interface StatePage<K extends AggregateKind> {
  /** `place`: the cursor to go on behind it. */
  readonly items: readonly (Snapshot<K> & { readonly state: States[K]; readonly place: string })[];
  readonly cursor?: string;
}

export interface ListStates {
  readonly limit: number;
  readonly after?: string | undefined;
  /** The partition of a partitioned kind. */
  readonly partition?: string;
  /** Read through the kind's ordered view, between these sort texts (inclusive). */
  readonly view?: {
    readonly name: string;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
    readonly descending?: boolean;
  };
}

export interface EventLog {
  /** The current state, consistent. */
  load<K extends AggregateKind>(tenant: string, kind: K, id: string): Promise<Snapshot<K>>;
  list<K extends AggregateKind>(tenant: string, kind: K, query: ListStates): Promise<StatePage<K>>;
  /**
   * One transaction: event, lane head, states, outbox entries, idempotency. Durable when it returns `ok`.
   * @throws Failure `unavailable` when the store cannot be written; the write may then have happened.
   */
  commit(append: Append): Promise<Committed>;
  /** Events of a lane with a sequence above `after`, ascending, without those that retention removed. */
  read(tenant: string, lane: number, after: number, limit: number): Promise<readonly LoggedEvent[]>;
  /** The chain of a lane above `after`, ascending and without a gap: also where retention removed the events. */
  links(tenant: string, lane: number, after: number, limit: number): Promise<readonly ChainLink[]>;
  /** What retention put in the place of events, by name, ascending behind `after`: a rebuild begins with it. */
  snapshots(tenant: string, after: string, limit: number): Promise<readonly LogSnapshot[]>;
  /** One for each lane, also for lanes without an event (`seq` 0, empty hash). */
  heads(tenant: string): Promise<readonly LaneHead[]>;
  /** The record of a completed request with this key. */
  replayOf(tenant: string, key: string): Promise<IdempotencyRecord | undefined>;
}
