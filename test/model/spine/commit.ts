/** Commands of a tenant, one alone or several at once, some on what they saw earlier, some under a used key, some cut. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Effect } from "#shared/domain/aggregate";
import type { Append, Committed } from "#shared/ports/event-log";
import { type Fault, faultText, someFault } from "../faults.ts";
import type { Appended } from "../tail.ts";
import { type DestinationName, destinations } from "./outbox-spec.ts";
import { poisons } from "./projection-spec.ts";
import { append, type Spec, type TenantSpec } from "./spec.ts";
import { expectStates } from "./expect.ts";
import { ids, nearestPlan, type Plan, verbs, type Wish } from "./verbs.ts";
import { type Side, sides, type World } from "./world.ts";

interface One extends Wish {
  readonly effects: readonly DestinationName[];
  readonly key: string | undefined;
  /** Decides on what it saw some time ago. */
  readonly stale: boolean;
  readonly process: number;
}

/** Mostly harmless names; sometimes one that a projection cannot digest. */
const text = fc.oneof(
  { weight: 12, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(poisons.names, poisons.census) },
);

const one: fc.Arbitrary<One> = fc.record({
  verb: fc.constantFrom(...verbs),
  id: fc.constantFrom(...ids),
  other: fc.constantFrom(...ids),
  text,
  effects: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...destinations), { minLength: 1, maxLength: 4 }) },
  ),
  key: fc.option(fc.constantFrom("k1", "k2", "k3", "k4", "k5", "k6"), { nil: undefined, freq: 2 }),
  stale: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  process: fc.nat(1),
});

const several = fc.oneof(
  { weight: 2, arbitrary: one.map((only) => [only]) },
  { weight: 1, arbitrary: fc.array(one, { minLength: 2, maxLength: 5 }) },
);

interface Sent {
  readonly append: Append;
  readonly plan: Plan;
  readonly destinations: readonly DestinationName[];
  readonly names: readonly string[];
  readonly process: number;
}

/** Cut: nobody heard what became of it. */
type Answer = Committed | "cut";

export class Commit implements fc.AsyncCommand<Spec, World> {
  readonly #side: Side;
  readonly #ones: readonly One[];
  readonly #fault: Fault | undefined;
  /** As a client does who does not know: the same once more. */
  readonly #again: boolean;

  constructor(side: Side, ones: readonly One[], fault: Fault | undefined, again: boolean) {
    this.#side = side;
    this.#ones = ones;
    this.#fault = fault;
    this.#again = again;
  }

  check(): boolean {
    return true;
  }

  async run(spec: Spec, world: World): Promise<void> {
    const tenant = spec.tenants[this.#side];
    const sent: Sent[] = [];
    for (const each of this.#ones) {
      const prepared = await prepare(tenant, world, this.#side, each);
      if (prepared !== undefined) sent.push(prepared);
    }
    const answers = await submit(spec, world, this.#side, sent, this.#fault);
    if (!this.#again) return;
    for (const [at, answer] of answers.entries())
      if (answer === "cut") await submit(spec, world, this.#side, sent.slice(at, at + 1), undefined);
  }

  toString(): string {
    const each = this.#ones.map(({ verb, id, other, text: name, effects, key, stale, process }) =>
      [verb, id, other, JSON.stringify(name), ...effects, key, stale ? "stale" : "", `p${process}`].join(" "),
    );
    return `Commit(${this.#side}: ${each.join(" | ")}${faultText(this.#fault)}${this.#again ? " again" : ""})`;
  }
}

export const commits = fc
  .tuple(fc.constantFrom(...sides), several, someFault(5), fc.boolean())
  .map((args) => new Commit(...args));

async function prepare(tenant: TenantSpec, world: World, side: Side, wish: One): Promise<Sent | undefined> {
  const plan = nearestPlan(tenant, wish);
  const stream = await world.snapshot(side, ...plan.stream, wish.stale);
  const touches = await Promise.all(plan.touches.map(([kind, id]) => world.snapshot(side, kind, id, wish.stale)));
  // A decision on something that is not there yet, or no longer, would not have come to this event.
  const starts = plan.event.type === "member.upserted" || plan.event.type.endsWith("created");
  if ((stream.rev === 0 && !starts) || touches.some(({ state }) => state === undefined)) return undefined;
  const trace = world.fresh("c");
  const effects: Effect[] = wish.effects.map((destination) => ({
    id: world.fresh("e"),
    destination,
    payload: { to: wish.text },
  }));
  return {
    append: {
      tenant: world.tenant(side),
      actor: { subject: "tester", roles: ["admin"] },
      at: world.clock.now(),
      stream,
      event: plan.event,
      touches,
      effects,
      trace,
      idempotency:
        wish.key === undefined
          ? undefined
          : { key: wish.key, fingerprint: trace, status: 201, operation: wish.verb, resource: trace },
    },
    plan,
    destinations: wish.effects,
    names: [stream, ...touches].map(({ kind, id }) => `${kind}/${id}`),
    process: wish.process,
  };
}

/** Sends them at once, holds every answer and every new event against the specification, and brings that up to date. */
export async function submit(
  spec: Spec,
  world: World,
  side: Side,
  sent: readonly Sent[],
  fault: Fault | undefined,
): Promise<Answer[]> {
  const tenant = spec.tenants[side];
  const { machine } = world;
  const rung = machine.wakes.rung.length;
  const cut = sent[0]?.process ?? 0;
  machine.arm(fault, cut);
  const settled = await Promise.allSettled(sent.map(({ append, process }) => machine.log(process).commit(append)));
  const { struck } = await machine.disarm(cut);
  const answers = settled.map((one): Answer => {
    if (one.status === "fulfilled") return one.value;
    expect(struck, `only a cut command fails otherwise: ${String(one.reason)}`).toBe(true);
    return "cut";
  });
  const news = await world.news(side);
  const eventOf = (one: Sent): Appended | undefined => news.find(({ trace }) => trace === one.append.trace);
  const accepted = sent.filter((one) => eventOf(one) !== undefined);
  expect(news.length, "one event for each that was accepted, and no other").toBe(accepted.length);
  sent.forEach((one, at) => expectPossible(spec, tenant, one, answers[at] as Answer, eventOf(one), accepted));
  append(tenant, news);
  for (const one of accepted) apply(spec, tenant, one);
  // The doorbell rang for every acknowledged one.
  const lanes = new Set(machine.wakes.rung.slice(rung).map(({ lane }) => lane));
  for (const answer of answers) if (answer !== "cut" && answer.ok) expect(lanes).toContain(answer.position.lane);
  await expectStates(world, side, tenant, new Set(sent.flatMap(({ names }) => names)));
  for (const { append } of sent) {
    const key = append.idempotency?.key;
    if (key === undefined) continue;
    const record = await machine.log().replayOf(append.tenant, key);
    expect(record?.resource, `what ${key} was answered with`).toBe(tenant.answered(key, spec.now)?.resource);
  }
  return answers;
}

/** Whether an answer can be, given what was there before, and which of those sent with it were accepted. */
function expectPossible(
  spec: Spec,
  tenant: TenantSpec,
  one: Sent,
  answer: Answer,
  event: Appended | undefined,
  accepted: readonly Sent[],
): void {
  const { stream, touches = [], idempotency, effects = [] } = one.append;
  const others = accepted.filter((other) => other !== one);
  const current = [stream, ...touches].every(({ kind, id, rev }) => tenant.revOf(kind, id) === rev);
  const used = idempotency !== undefined && tenant.answered(idempotency.key, spec.now) !== undefined;
  const keyRace = idempotency !== undefined && others.some(({ append }) => append.idempotency?.key === idempotency.key);
  const stateRace = others.some(({ names }) => names.some((name) => one.names.includes(name)));
  if (event !== undefined) {
    expect({ current, used, keyRace, stateRace }).toEqual({
      current: true,
      used: false,
      keyRace: false,
      stateRace: false,
    });
    expect(event).toMatchObject({
      ...one.plan.event,
      stream: { kind: stream.kind, id: stream.id },
      writes: [
        ...[stream, ...touches].map(({ kind, id, rev }) => [kind, id, rev + 1]),
        ...effects.map(({ id }) => ["outbox", id, 1]),
      ],
    });
  }
  if (answer === "cut") return;
  expect(answer.ok, "what is acknowledged is in the log, and what is refused is not").toBe(event !== undefined);
  if (answer.ok) expect(event).toMatchObject({ id: answer.eventId, ...answer.position });
  else if (answer.reason === "replayed") expect(used || keyRace).toBe(true);
  else {
    expect(used).toBe(false);
    expect(!current || stateRace).toBe(true);
  }
}

function apply(spec: Spec, tenant: TenantSpec, { append, plan, destinations: asked }: Sent): void {
  plan.apply(tenant);
  if (append.idempotency !== undefined) tenant.answer(append.idempotency.key, append.idempotency.resource, spec.now);
  append.effects?.forEach(({ id }, at) => tenant.ask(id, asked[at] as DestinationName, append.at));
}
