/** Given what happened, when something is decided, then this happens: the words of the domain's tests. */
import type { AggregateKind, Happened } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import { aggregates, type States } from "#shared/domain/registry";

export const moment = (n: number): string => new Date(Date.UTC(2040, 0, 1) + n * 1000).toISOString();

export const happened = (n = 0, over: Partial<Happened> = {}): Happened => ({
  time: moment(n),
  actor: "tester",
  stream: { kind: "owner", id: "x" },
  effects: [],
  ...over,
});

/** The state after these events, one second apart. @throws TypeError for an event that does not concern it */
export function given<K extends AggregateKind>(kind: K, id: string, events: readonly DomainEvent[]): States[K] {
  let state: States[K] | undefined;
  events.forEach((event, n) => {
    // As the log does it: what is stored is JSON.
    const next = aggregates[kind].evolve(state, event, happened(n), id);
    state = next === undefined ? undefined : (JSON.parse(JSON.stringify(next)) as States[K]);
  });
  if (state === undefined) throw new Error(`no ${kind} came of it`);
  return state;
}

export const issued = (
  serial: string,
  over: Partial<Extract<DomainEvent, { type: "certificate.issued" }>["data"]> = {},
): DomainEvent => ({
  type: "certificate.issued",
  data: {
    issuer: "ca",
    serial,
    subject: "CN=x",
    sans: ["dns:x.test"],
    key_algorithm: "P-256",
    fingerprint: `f${serial}`,
    not_before: moment(0),
    not_after: moment(86_400),
    shard: 0,
    tbs_sha256: `t${serial}`,
    der: "AAAA",
    profile: "default@1",
    protocol: "api",
    ...over,
  },
});
