/** The stored form of an event: 64 hex digits of its chain hash, then the JSON text that the hash covers. */
import type { Effect, Happened, StreamId } from "#shared/domain/aggregate";
import { Failure } from "#shared/kernel/failure";
import type { Actor, AggregateWrite, Append, LoggedEvent, Position } from "#shared/ports/event-log";
import type { Item } from "#shared/ports/table";
import { type Catalogue, type Payload, upcast } from "../catalogue/catalogue.ts";
import { hasShape, isCount, isText, readStored, type Shape } from "../stored.ts";
import { chainHash } from "./chain.ts";
import { eventKey } from "./keys.ts";
import { nextRevision } from "./revision.ts";

const hashLength = 64;
const maxEventBytes = 300 * 1024;

interface EventRecord {
  readonly id: string;
  readonly type: string;
  readonly v: number;
  readonly time: string;
  readonly actor: Actor;
  readonly stream: StreamId;
  readonly writes: readonly AggregateWrite[];
  readonly data: object;
  readonly effects?: readonly Effect[];
  readonly trace?: string;
}

const ofActor = { subject: isText };
const ofStream = { kind: isText, id: isText };
const ofEffect = { id: isText, destination: isText };
const isWrite = (value: unknown): boolean =>
  Array.isArray(value) && isText(value[0]) && isText(value[1]) && isCount(value[2]);
const listOf = (holds: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(holds);

/** Type, version and data are the catalogue's to judge. */
const shape: Shape = {
  id: isText,
  time: isText,
  actor: (value) => hasShape(value, ofActor),
  stream: (value) => hasShape(value, ofStream),
  writes: listOf(isWrite),
  effects: (value) => value === undefined || listOf((effect) => hasShape(effect, ofEffect))(value),
};

/**
 * The part of an event that does not depend on its place in the lane.
 * @param epoch in which it is written
 */
export function eventBytes(append: Append, id: string, version: number, epoch: number): string {
  const { event, stream, touches = [], effects = [] } = append;
  const record: EventRecord = {
    id,
    type: event.type,
    v: version,
    time: new Date(append.at).toISOString(),
    actor: append.actor,
    stream: { kind: stream.kind, id: stream.id },
    writes: [
      ...[stream, ...touches].map(({ kind, id, rev }): AggregateWrite => [kind, id, nextRevision(rev, epoch)]),
      ...effects.map((effect): AggregateWrite => ["outbox", effect.id, nextRevision(0, epoch)]),
    ],
    data: event.data,
    ...(effects.length > 0 && { effects }),
    ...(append.trace !== undefined && { trace: append.trace }),
  };
  const bytes = JSON.stringify(record);
  const size = Buffer.byteLength(bytes);
  if (size > maxEventBytes)
    throw new Failure(
      "too_large",
      `the ${event.type} event would be ${size} bytes; at most ${maxEventBytes} are stored`,
    );
  return bytes;
}

export interface Chained {
  readonly item: Item;
  readonly hash: string;
}

export function chainEvent(tenant: string, at: Position, prev: string, bytes: string): Chained {
  const hash = chainHash({ tenant, lane: at.lane, seq: at.seq, prev, event: bytes });
  return { hash, item: { ...eventKey(tenant, at.lane, at.seq), rev: 1, body: hash + bytes } };
}

export const hashOfBody = (body: string): string => body.slice(0, hashLength);
export const textOfBody = (body: string): string => body.slice(hashLength);

/** What stays of an event that retention removed: enough for the chain, the tree and the reconciler. */
export interface Pruned {
  /** SHA-256 of the text that stood here, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the TBS that the event accounts for. */
  readonly signed?: string;
}

/** No event begins so: its text begins with its id. */
const prunedMark = '{"pruned":';

export const prunedBody = (hash: string, pruned: Pruned): string => hash + JSON.stringify({ pruned });

/** @returns undefined for an event that is still there */
export const prunedOf = (body: string): Pruned | undefined =>
  body.startsWith(prunedMark, hashLength)
    ? (JSON.parse(body.slice(hashLength)) as { readonly pruned: Pruned }).pruned
    : undefined;

/** @throws Failure `corrupt` when the stored text is no event of a known type and version. */
export function readEvent(at: Position, item: Item, known?: Catalogue): LoggedEvent {
  const hash = item.body.slice(0, hashLength);
  const bytes = item.body.slice(hashLength);
  const record = readStored<EventRecord>(bytes, `event ${at.seq} of lane ${at.lane}`, shape);
  const { id, type, time, actor, stream, writes, effects = [] } = record;
  return {
    ...at,
    id,
    type,
    time,
    actor,
    stream,
    writes,
    effects,
    event: upcast(type, record.v, record.data as Payload, known),
    hash,
    bytes,
  };
}

export const happened = (logged: Pick<LoggedEvent, "time" | "actor" | "stream" | "effects">): Happened => ({
  time: logged.time,
  actor: logged.actor.subject,
  stream: logged.stream,
  effects: logged.effects,
});
