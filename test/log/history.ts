/**
 * Random histories of a tenant against a model of its own: commands on a handful of aggregates, some of them at once,
 * some on stale snapshots, some with a used idempotency key, through any of several logs on one table.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { AggregateKind, Effect } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import type { Append, Committed, EventLog, Snapshot } from "#shared/ports/event-log";

const ids = ["a", "b", "c", "d"] as const;
const id = fc.constantFrom(...ids);

const verbs = [
  "owner.create",
  "owner.update",
  "owner.delete",
  "identity.create",
  "identity.cancel",
  "member.put",
  "member.offboard",
  "token.create",
  "token.revoke",
  "outbox.deliver",
  "outbox.die",
  "outbox.redrive",
] as const;
type Verb = (typeof verbs)[number];

const command = fc.record({
  verb: fc.constantFrom(...verbs),
  id,
  other: id,
  text: fc.string({ unit: "grapheme", maxLength: 6 }),
  effects: fc.constantFrom(0, 0, 0, 1, 3),
  /** Idempotency key out of a few, so that some come twice. */
  key: fc.option(fc.constantFrom("k1", "k2", "k3", "k4", "k5", "k6"), { nil: undefined, freq: 2 }),
  /** Decides on a snapshot of some time ago. */
  stale: fc.boolean(),
  process: fc.nat(7),
});
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Steps one after another; the commands of a step at once. */
export const history = (maxLength: number): fc.Arbitrary<Command[][]> =>
  fc.array(fc.array(command, { minLength: 1, maxLength: 6, size: "max" }), { minLength: 1, maxLength, size: "max" });

interface Entity {
  rev: number;
  /** Undefined after deletion. */
  facts: Facts | undefined;
}

type Facts = Readonly<Record<string, unknown>>;

const nameOf = (kind: string, entity: string): string => `${kind}/${entity}`;

/** What the model says an accepted command does. Small on purpose, and nothing of `evolve` in it. */
class Model {
  readonly entities = new Map<string, Entity>();
  readonly keys = new Set<string>();
  readonly eventIds = new Set<string>();
  effects = 0;

  factsOf(kind: string, entity: string): Facts | undefined {
    return this.entities.get(nameOf(kind, entity))?.facts;
  }

  set(kind: string, entity: string, facts: Facts | undefined): void {
    const before = this.entities.get(nameOf(kind, entity));
    this.entities.set(nameOf(kind, entity), { rev: (before?.rev ?? 0) + 1, facts });
  }

  references(owner: string, by: number): void {
    const facts = this.factsOf("owner", owner);
    this.set("owner", owner, { ...facts, references: Number(facts?.["references"]) + by });
  }
}

interface Plan {
  readonly stream: readonly [AggregateKind, string];
  readonly touches: readonly (readonly [AggregateKind, string])[];
  readonly event: DomainEvent;
  readonly apply: (model: Model) => void;
}

/** What a command comes to in the model's present, or undefined when a decision would refuse it. */
function planOf(model: Model, { verb, id: own, other, text }: Command): Plan | undefined {
  const kind = verb.slice(0, verb.indexOf(".")) as AggregateKind;
  const facts = model.factsOf(kind, own);
  const known = model.entities.has(nameOf(kind, own));
  const plan = (event: DomainEvent, apply: Plan["apply"], touches: Plan["touches"] = []): Plan => ({
    stream: [kind, own],
    touches,
    event,
    apply,
  });
  const data = { kind: "team" as const, name: text, email: null };
  const rules: Record<Verb, () => Plan | undefined> = {
    "owner.create": () =>
      known ? undefined : plan({ type: "owner.created", data }, (m) => m.set(kind, own, { name: text, references: 0 })),
    "owner.update": () =>
      facts && plan({ type: "owner.updated", data }, (m) => m.set(kind, own, { ...m.factsOf(kind, own), name: text })),
    "owner.delete": () =>
      facts?.["references"] === 0
        ? plan({ type: "owner.deleted", data: {} }, (m) => m.set(kind, own, undefined))
        : undefined,
    "identity.create": () =>
      !known && model.factsOf("owner", other)
        ? plan(
            {
              type: "identity.created",
              data: {
                kind: "x509_certificate",
                name: text,
                owner: other,
                issuer: null,
                profile: null,
                dns_names: [],
                attributes: {},
              },
            },
            (m) => {
              m.set(kind, own, { status: "requested", owner: other });
              m.references(other, 1);
            },
            [["owner", other]],
          )
        : undefined,
    "identity.cancel": () => {
      if (facts?.["status"] !== "requested") return undefined;
      const owner = String(facts["owner"]);
      return plan(
        { type: "identity.cancelled", data: { note: null, owner } },
        (m) => {
          m.set(kind, own, { status: "cancelled", owner });
          m.references(owner, -1);
        },
        [["owner", owner]],
      );
    },
    "member.put": () =>
      plan({ type: "member.upserted", data: { display_name: text, email: null, roles: ["viewer"] } }, (m) =>
        m.set(kind, own, { display_name: text, status: "active" }),
      ),
    "member.offboard": () =>
      facts?.["status"] === "active"
        ? plan({ type: "member.offboarded", data: { reason: text } }, (m) =>
            m.set(kind, own, { ...facts, status: "offboarded" }),
          )
        : undefined,
    "token.create": () =>
      known
        ? undefined
        : plan(
            { type: "token.created", data: { subject: text, scopes: [], secret_sha256: "00", expires_at: null } },
            (m) => m.set(kind, own, { subject: text, revocation_reason: null }),
          ),
    "token.revoke": () =>
      facts?.["revocation_reason"] === null
        ? plan({ type: "token.revoked", data: { reason: `r${text}` } }, (m) =>
            m.set(kind, own, { ...facts, revocation_reason: `r${text}` }),
          )
        : undefined,
    "outbox.deliver": () => settle(model, "outbox.delivered", "delivered"),
    "outbox.die": () => settle(model, "outbox.dead", "dead"),
    "outbox.redrive": () => settle(model, "outbox.redriven", "pending"),
  };
  return rules[verb]();
}

/** On the first entry that is where the event wants it. */
function settle(model: Model, type: "outbox.delivered" | "outbox.dead" | "outbox.redriven", status: string) {
  const wanted = type === "outbox.redriven" ? "dead" : "pending";
  const found = [...model.entities].find(
    ([name, { facts }]) => name.startsWith("outbox/") && facts?.["status"] === wanted,
  );
  if (found === undefined) return undefined;
  const entry = found[0].slice("outbox/".length);
  const data = { destination: "mail", attempts: 1, error: "no" };
  return {
    stream: ["outbox", entry] as const,
    touches: [],
    event: { type, data } as DomainEvent,
    apply: (m: Model) => m.set("outbox", entry, { destination: "mail", status }),
  };
}

interface Sent {
  readonly append: Append;
  readonly plan: Plan;
  readonly names: readonly string[];
  readonly log: EventLog;
}

interface World {
  readonly tenant: string;
  readonly processes: readonly EventLog[];
  readonly now: () => number;
}

/**
 * Runs a history. `commit` is how a command is committed: directly, or with retries where the store fails.
 * Checks every outcome, and at the end every state against the model.
 */
export async function follow(
  { tenant, processes, now }: World,
  steps: readonly (readonly Command[])[],
  commit: (log: EventLog, append: Append) => Promise<Committed> = (log, append) => log.commit(append),
): Promise<Model> {
  const model = new Model();
  const old = new Map<string, Snapshot>();
  const first = processes[0] as EventLog;

  async function snapshot(kind: AggregateKind, entity: string, stale: boolean): Promise<Snapshot> {
    const name = nameOf(kind, entity);
    const past = old.get(name);
    if (stale && past !== undefined) return past;
    const loaded = await first.load(tenant, kind, entity);
    old.set(name, loaded);
    return loaded;
  }

  async function prepare(one: Command): Promise<Sent | undefined> {
    const plan = planOf(model, one);
    if (plan === undefined) return undefined;
    const effects: Effect[] = Array.from({ length: one.effects }, () => ({
      id: `e${++model.effects}`,
      destination: "mail",
      payload: { to: one.text },
    }));
    const stream = await snapshot(...plan.stream, one.stale);
    const touches = await Promise.all(plan.touches.map(([kind, entity]) => snapshot(kind, entity, one.stale)));
    // A decision on something that is not there yet, or no longer, would not have come to this event.
    if (stream.rev === 0 && plan.event.type !== "member.upserted" && !plan.event.type.endsWith("created"))
      return undefined;
    if (touches.some(({ state }) => state === undefined)) return undefined;
    const idempotency =
      one.key === undefined
        ? undefined
        : { key: one.key, fingerprint: "f", status: 201, operation: one.verb, resource: one.id };
    return {
      append: {
        tenant,
        actor: { subject: "tester", roles: ["admin"] },
        at: now(),
        stream,
        event: plan.event,
        touches,
        effects,
        idempotency,
      },
      plan,
      names: [stream, ...touches].map(({ kind, id: entity }) => nameOf(kind, entity)),
      log: processes[one.process % processes.length] as EventLog,
    };
  }

  for (const step of steps) {
    const sent: Sent[] = [];
    for (const one of step) {
      const prepared = await prepare(one);
      if (prepared !== undefined) sent.push(prepared);
    }
    const outcomes = await Promise.all(sent.map(({ log, append }) => commit(log, append)));
    const accepted = sent.filter((_, at) => outcomes[at]?.ok === true);
    sent.forEach((one, at) => expectPossible(model, one, outcomes[at] as Committed, accepted));
    outcomes.forEach((outcome, at) => {
      const { plan, append } = sent[at] as Sent;
      if (!outcome.ok) return;
      plan.apply(model);
      model.eventIds.add(outcome.eventId);
      if (append.idempotency !== undefined) model.keys.add(append.idempotency.key);
      for (const { id: entry } of append.effects ?? [])
        model.set("outbox", entry, { destination: "mail", status: "pending" });
    });
  }
  await expectStates(first, tenant, model);
  return model;
}

/** Whether an outcome can be, given what was there before the step and which of the step's commands were accepted. */
function expectPossible(model: Model, one: Sent, outcome: Committed, accepted: readonly Sent[]): void {
  const key = one.append.idempotency?.key;
  const others = accepted.filter((other) => other !== one);
  const current = [one.append.stream, ...(one.append.touches ?? [])].every(
    ({ kind, id: entity, rev }) => (model.entities.get(nameOf(kind, entity))?.rev ?? 0) === rev,
  );
  const used = key !== undefined && model.keys.has(key);
  const keyRace = key !== undefined && others.some(({ append }) => append.idempotency?.key === key);
  const stateRace = others.some(({ names }) => names.some((name) => one.names.includes(name)));
  if (outcome.ok) {
    expect({ current, used, keyRace, stateRace }).toEqual({
      current: true,
      used: false,
      keyRace: false,
      stateRace: false,
    });
  } else if (outcome.reason === "replayed") expect(used || keyRace).toBe(true);
  else {
    expect(used).toBe(false);
    expect(!current || stateRace).toBe(true);
  }
}

async function expectStates(log: EventLog, tenant: string, model: Model): Promise<void> {
  for (const [name, { rev, facts }] of model.entities) {
    const [kind, entity] = name.split("/") as [AggregateKind, string];
    const { rev: stored, state } = await log.load(tenant, kind, entity);
    if (facts === undefined) expect(state).toBeUndefined();
    else {
      expect(state).toMatchObject(facts);
      expect(stored).toBe(rev);
    }
  }
}
