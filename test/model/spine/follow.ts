/** Wakes and sweeps: what the outbox and the projections make of a tenant's log, wherever they are cut. */
import { expect } from "vitest";
import type { Fault } from "../faults.ts";
import type { Appended } from "../tail.ts";
import { expectProjections, expectStates, expectWhole } from "./expect.ts";
import { type DestinationName, destinations, type EffectSpec } from "./outbox-spec.ts";
import { append, type Spec, type TenantSpec } from "./spec.ts";
import type { Side, World } from "./world.ts";

export async function follow(spec: Spec, world: World, side: Side, fault?: Fault): Promise<void> {
  const tenant = spec.tenants[side];
  const { machine } = world;
  const plan = tenant.outbox.plan(spec.moods, spec.now);
  const before = tenant.log.map((lane) => lane.length);
  const seen = machine.received.length;
  machine.arm(fault);
  const finished = await machine.follow(world.tenant(side));
  const { struck } = await machine.disarm();
  expect(finished, "only a cut pass fails").toBe(!struck);
  const news = await world.news(side);
  const attempted = attemptsOf(world, side, tenant, seen);
  // Nobody sees an attempt at a destination that is not there, but its end.
  const ended = new Set(news.map(({ stream }) => stream.id));
  attempted.set(
    "nowhere",
    (plan.get("nowhere") ?? []).filter((id) => ended.has(id)),
  );
  for (const destination of destinations) {
    const planned = plan.get(destination) ?? [];
    const done = attempted.get(destination) ?? [];
    expect(done, `attempts at ${destination}`).toEqual(struck ? planned.slice(0, done.length) : planned);
  }
  await settle(spec, world, side, { attempted, news, struck });
  await expectBreakers(tenant, world, side, struck);
  await expectProjections(world, side, tenant, struck ? undefined : before);
}

/** What the receivers saw, in their order. */
function attemptsOf(world: World, side: Side, tenant: TenantSpec, seen: number): Map<DestinationName, string[]> {
  const attempted = new Map<DestinationName, string[]>();
  for (const { tenant: of, id, receiver } of world.machine.received.slice(seen)) {
    expect(of).toBe(world.tenant(side));
    expect(tenant.outbox.effects.get(id)?.destination, `${id} was asked for`).toBe(receiver);
    attempted.set(receiver, [...(attempted.get(receiver) ?? []), id]);
  }
  return attempted;
}

interface Pass {
  readonly attempted: ReadonlyMap<DestinationName, readonly string[]>;
  readonly news: readonly Appended[];
  readonly struck: boolean;
}

async function settle(spec: Spec, world: World, side: Side, { attempted, news, struck }: Pass): Promise<void> {
  const tenant = spec.tenants[side];
  const unclaimed = new Map(news.map((event) => [event.stream.id, event]));
  for (const ids of attempted.values()) {
    for (const [at, id] of ids.entries()) {
      const effect = tenant.outbox.effects.get(id) as EffectSpec;
      const past = { ...effect };
      const count = tenant.outbox.failures(effect, spec.now) + 1;
      tenant.outbox.attempt(effect, spec.moods, spec.now);
      const event = unclaimed.get(id);
      unclaimed.delete(id);
      // Of a cut pass nobody knows what became of the last attempt at each destination: either is right.
      const open = struck && at === ids.length - 1;
      if (effect.status === "pending") {
        expect(event).toBeUndefined();
        const row = await attemptRow(world, side, id);
        if (open && row?.nextAt !== effect.nextAt)
          Object.assign(effect, { attempts: past.attempts, nextAt: past.nextAt });
        else expect(row).toEqual({ attempts: effect.attempts, nextAt: effect.nextAt });
      } else if (open && event === undefined) effect.status = past.status;
      else {
        expect(event).toMatchObject({
          type: `outbox.${effect.status}`,
          data: { destination: effect.destination, attempts: count },
        });
        tenant.settle(id, effect.status);
      }
    }
  }
  expect([...unclaimed.values()], "nothing is settled that was not attempted").toEqual([]);
  append(tenant, news);
  await expectStates(
    world,
    side,
    tenant,
    [...attempted.values()].flat().map((id) => `outbox/${id}`),
  );
}

/** Of a cut pass nobody knows whether the last failure at a destination was counted: what is stored goes. */
async function expectBreakers({ outbox }: TenantSpec, world: World, side: Side, struck: boolean): Promise<void> {
  const { items } = await world.table(side).query({ pk: `T#${world.tenant(side)}#O#circuit`, limit: 10 });
  const stored = new Map(
    items.map(({ sk, body }) => {
      const { failures, openUntil } = JSON.parse(body) as { failures: number; openUntil: number };
      return [sk, { failures, openUntil }];
    }),
  );
  if (struck) outbox.breakers = stored;
  expect(stored, "what is counted of each destination").toEqual(outbox.breakers);
}

async function attemptRow(
  world: World,
  side: Side,
  id: string,
): Promise<{ attempts: number; nextAt: number } | undefined> {
  const key = { pk: `T#${world.tenant(side)}#O#attempt`, sk: id };
  const item = await world.table(side).get(key, { consistent: true });
  if (item === undefined) return undefined;
  const { attempts, nextAt } = JSON.parse(item.body) as { attempts: number; nextAt: number };
  return { attempts, nextAt };
}

const sixMinutes = 360_000;

/** Every receiver is well again and the sweeper comes by: whatever was lost, cut or late comes to its end. */
export async function heal(spec: Spec, world: World): Promise<void> {
  spec.moods = { mail: "up", chat: "up", ours: "up" };
  world.machine.moods = spec.moods;
  for (const side of ["a", "b"] as const) {
    const { outbox } = spec.tenants[side];
    const pending = (): boolean => [...outbox.effects.values()].some(({ status }) => status === "pending");
    do {
      world.clock.advance(sixMinutes);
      spec.now += sixMinutes;
      await follow(spec, world, side);
    } while (pending());
    // Settled events are events too: the projections see them with the next wake.
    await follow(spec, world, side);
    await expectProjections(
      world,
      side,
      spec.tenants[side],
      spec.tenants[side].log.map(({ length }) => length),
    );
    for (const { id, status, received } of outbox.effects.values())
      if (status === "delivered") expect(received, `${id} is delivered`).toBe(true);
    await expectWhole(world, side, spec.tenants[side]);
  }
}
