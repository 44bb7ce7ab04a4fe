/**
 * The shape of every aggregate: `evolve` is pure, reads no clock and makes no ids (both are in the event), and is the only
 * way its state comes about, live and on rebuild (I2).
 */
import type { DomainEvent } from "./events.ts";

/** What is true of an event beside its payload. */
export interface Happened {
  /** RFC 3339 UTC with milliseconds. */
  readonly time: string;
  readonly actor: string;
  readonly stream: StreamId;
  /** Effects that go out with the event, by the id of their outbox entry. */
  readonly effects: readonly Effect[];
}

export interface StreamId {
  readonly kind: AggregateKind;
  readonly id: string;
}

export interface Effect {
  readonly id: string;
  readonly destination: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

export interface Aggregate<S> {
  /** @returns undefined when the event removes it. @throws TypeError for an event that does not concern this aggregate. */
  evolve(state: S | undefined, event: DomainEvent, happened: Happened, id: string): S | undefined;
  /** Where a kind has many small partitions: the part of the id that names the partition, before the last `/`. */
  readonly partitioned?: true;
  /** The one ordered view it stands in: name and sortable text. */
  view?(state: S): { readonly name: string; readonly sort: string } | undefined;
}

export const aggregateKinds = [
  "tenant",
  "owner",
  "issuer",
  "profile",
  "profile-version",
  "identity",
  "certificate",
  "revocation",
  "revocation-job",
  "crl",
  "crl-shard",
  "ocsp-responder",
  "ra-certificate",
  "token",
  "member",
  "person",
  "enrolment-endpoint",
  "enrolment-credential",
  "enrolment-request",
  "acme-account",
  "acme-account-key",
  "acme-authorization",
  "acme-authorized-name",
  "acme-order",
  "outbox",
  "intervention",
] as const;
export type AggregateKind = (typeof aggregateKinds)[number];

/** For the `default` of an evolve: the log was told to touch something with an event that means nothing to it. */
export function unconcerned(kind: AggregateKind, event: DomainEvent): never {
  throw new TypeError(`${kind} does not evolve on ${event.type}`);
}

/** For events that need a state which is not there: the log is damaged or was written out of order. */
export function present<S>(state: S | undefined, kind: AggregateKind, event: DomainEvent): S {
  if (state === undefined) throw new TypeError(`${event.type} on a ${kind} that does not exist`);
  return state;
}
