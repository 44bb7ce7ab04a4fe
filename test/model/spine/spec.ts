/** The specification: what the log, idempotency, outbox and projections of a tenant hold, in maps and arrays. */
import { expect } from "vitest";
import type { Appended } from "../tail.ts";
import { type DestinationName, type EffectSpec, type Moods, OutboxSpec } from "./outbox-spec.ts";

interface Entity {
  rev: number;
  /** Undefined after deletion. */
  facts: Facts | undefined;
}

export type Facts = Readonly<Record<string, unknown>>;

interface Answered {
  readonly resource: string;
  /** From this moment on the key is free again. */
  readonly until: number;
}

const week = 7 * 86_400_000;
const nameOf = (kind: string, id: string): string => `${kind}/${id}`;

export class TenantSpec {
  readonly entities = new Map<string, Entity>();
  readonly outbox = new OutboxSpec();
  /** Every event, by lane. */
  readonly log: Appended[][];
  readonly #answered = new Map<string, Answered>();

  constructor(lanes: number) {
    this.log = Array.from({ length: lanes }, () => []);
  }

  knows(kind: string, id: string): boolean {
    return this.entities.has(nameOf(kind, id));
  }

  factsOf(kind: string, id: string): Facts | undefined {
    return this.entities.get(nameOf(kind, id))?.facts;
  }

  revOf(kind: string, id: string): number {
    return this.entities.get(nameOf(kind, id))?.rev ?? 0;
  }

  set(kind: string, id: string, facts: Facts | undefined): void {
    this.entities.set(nameOf(kind, id), { rev: this.revOf(kind, id) + 1, facts });
  }

  refer(owner: string, by: number): void {
    const facts = this.factsOf("owner", owner);
    this.set("owner", owner, { ...facts, references: Number(facts?.["references"]) + by });
  }

  ask(id: string, destination: DestinationName, at: number): void {
    const createdAt = new Date(at).toISOString();
    const effect: EffectSpec = {
      id,
      destination,
      createdAt,
      status: "pending",
      attempts: 0,
      nextAt: 0,
      received: false,
    };
    this.outbox.effects.set(id, effect);
    this.set("outbox", id, { destination, status: "pending" });
  }

  settle(id: string, status: EffectSpec["status"]): void {
    const effect = this.outbox.effects.get(id);
    if (effect === undefined) throw new Error(`nobody asked for ${id}`);
    effect.status = status;
    this.set("outbox", id, { destination: effect.destination, status });
  }

  answered(key: string, now: number): Answered | undefined {
    const answer = this.#answered.get(key);
    return answer !== undefined && answer.until > now ? answer : undefined;
  }

  answer(key: string, resource: string, now: number): void {
    this.#answered.set(key, { resource, until: now + week });
  }

  /** What has expired is gone for good, also for a clock that is set back. */
  sweep(now: number): void {
    for (const [key, { until }] of this.#answered) if (until <= now) this.#answered.delete(key);
  }
}

export function append({ log }: TenantSpec, news: readonly Appended[]): void {
  for (const event of news) {
    const lane = log[event.lane];
    expect(event.seq).toBe((lane?.length ?? 0) + 1);
    lane?.push(event);
  }
}

export interface Spec {
  readonly tenants: Readonly<Record<"a" | "b", TenantSpec>>;
  now: number;
  moods: Moods;
}

export const startOf = (lanes: number, now: number): Spec => ({
  tenants: { a: new TenantSpec(lanes), b: new TenantSpec(lanes) },
  now,
  moods: { mail: "up", chat: "up", ours: "up" },
});
