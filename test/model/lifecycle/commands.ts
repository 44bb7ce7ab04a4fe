/** Everything that can happen to a tenant's life: requests, their repetitions, wakes, duties, time, restarts. */
import fc from "fast-check";
import { expect } from "vitest";
import { type Fault, faultText, someFault } from "../faults.ts";
import { replayPath } from "../settings.ts";
import { expectAtRest, expectStates } from "./expect.ts";
import { absorb, perform, replay } from "./perform.ts";
import type { Wish } from "./requests/asked.ts";
import { race } from "./race.ts";
import { makers } from "./requests/registry.ts";
import type { Spec } from "./spec.ts";
import { type Side, sides, type World } from "./world.ts";

type LifeCommand = fc.AsyncCommand<Spec, World>;
type Kind = keyof typeof makers;

const command = (text: string, run: (spec: Spec, world: World) => Promise<void>): LifeCommand => ({
  check: () => true,
  run,
  toString: () => text,
});

interface Manner {
  readonly times: number;
  readonly fault: Fault | undefined;
  /** A lost answer is asked for again, under the same key. */
  readonly again: boolean;
}

const request = (side: Side, kind: Kind, wish: Wish, { times, fault, again }: Manner): LifeCommand =>
  command(
    `${side}: ${kind}(${wish.a} ${wish.b} ${wish.c}${times > 1 ? ` ×${times}` : ""}${faultText(fault)}${again ? " again" : ""})`,
    async (spec, world) => {
      const asked = makers[kind](spec.tenants[side], wish);
      const key = world.freshKey();
      const { lost } = await perform(spec, world, side, { asked, key, times, fault });
      if (!lost || !again) return;
      const { did } = await perform(spec, world, side, { asked, key, times: 1 });
      // What was signed the first time is adopted, not signed again; a key that was made here was lost with its process.
      const adopts = asked.body !== undefined && "csr" in asked.body;
      if (did === "certificate.issued" && adopts) spec.tenants[side].orphans--;
    },
  );

const racing = [
  "createOwner",
  "updateOwner",
  "deleteOwner",
  "createIdentity",
  "moveIdentity",
  "moveIdentity",
  "issue",
  "revoke",
] as const satisfies readonly Kind[];

const together = (side: Side, all: readonly (readonly [Kind, Wish])[]): LifeCommand =>
  command(
    `Race(${side} ${all.map(([kind, { a, b, c }]) => `${kind}(${a} ${b} ${c})`).join(" ")})`,
    async (spec, world) => {
      if (world.lanes > 1) return;
      const asked = all.map(([kind, each]) => makers[kind](spec.tenants[side], each));
      await race(spec, world, side, asked);
    },
  );

const duties = (side: Side, fault: Fault | undefined) =>
  command(`Duties(${side}${faultText(fault)})`, async (spec, world) => {
    world.estate.arm(fault);
    const finished = await world.estate.duties(world.tenant(side));
    const struck = await world.estate.disarm();
    if (!struck) expect(finished).toBe(true);
    expect(await absorb(world, side, spec.tenants[side])).toEqual([]);
  });

const wake = (side: Side, fault: Fault | undefined) =>
  command(`Wake(${side}${faultText(fault)})`, async (spec, world) => {
    world.estate.arm(fault);
    await world.estate.wake(world.tenant(side));
    await world.estate.disarm();
    expect(await absorb(world, side, spec.tenants[side])).toEqual([]);
  });

const wait = (ms: number) =>
  command(`Wait(${ms})`, async (spec, world) => {
    world.clock.advance(ms);
    spec.now += ms;
    spec.latest = Math.max(spec.latest, spec.now);
  });

const signer = (mood: Spec["signer"]) =>
  command(`Signer is ${mood}`, async (spec, world) => {
    spec.signer = mood;
    world.estate.leaves = mood;
  });

const restart = command("Restart", (_, world) => world.estate.restart());

const verify = (side: Side) =>
  command(`Verify(${side})`, (spec, world) => expectStates(world, side, spec.tenants[side]));

const again = (side: Side, at: number, other: boolean) =>
  command(`Replay(${side} ${at}${other ? " with another body" : ""})`, (spec, world) =>
    replay(spec, world, side, at, other),
  );

/** More happens to one tenant than to the other. */
const side = fc.constantFrom(...sides, "a" as const);
const calls = 16;
const wish = fc.record({ a: fc.nat(11), b: fc.nat(11), c: fc.nat(11) });
const manner: fc.Arbitrary<Manner> = fc.record({
  times: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 3 }) }),
  fault: someFault(calls),
  again: fc.boolean(),
});

const often: readonly Kind[] = [
  "createOwner",
  "createIdentity",
  "moveIdentity",
  "moveIdentity",
  "moveIdentity",
  "issue",
  "revoke",
];
const seldom = Object.keys(makers) as Kind[];
const requests = fc
  .tuple(
    side,
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...often) }, { weight: 2, arbitrary: fc.constantFrom(...seldom) }),
    wish,
    manner,
  )
  .map((args) => request(...args));

/** Of few targets, so that they meet. */
const near = fc.record({ a: fc.nat(2), b: fc.nat(11), c: fc.nat(11) });
const races = fc
  .tuple(side, fc.array(fc.tuple(fc.constantFrom(...racing), near), { minLength: 2, maxLength: 3 }))
  .map((args) => together(...args));

const hour = 3_600_000;
const times = [1_000, 61_000, 25 * hour, 8 * 24 * hour, 100 * 24 * hour, -1_000, -hour];

export const lifeCommands = (maxCommands: number): fc.Arbitrary<Iterable<LifeCommand>> =>
  fc.commands(
    [
      ...Array.from({ length: 8 }, () => requests),
      fc.tuple(side, fc.nat(30), fc.boolean()).map((args) => again(...args)),
      races,
      races,
      fc.tuple(side, someFault(calls)).map((args) => duties(...args)),
      fc.tuple(side, someFault(calls)).map((args) => wake(...args)),
      fc.constantFrom(...times).map(wait),
      fc.constantFrom("up" as const, "up" as const, "down" as const).map(signer),
      fc.constant(restart),
      side.map(verify),
    ],
    { maxCommands, size: "max", ...(replayPath !== undefined && { replayPath }) },
  );

/** The signer answers, the clock is where it was and its minute comes three times: then everything is at rest. */
export async function heal(spec: Spec, world: World): Promise<void> {
  world.estate.leaves = "up";
  world.clock.advance(spec.latest - spec.now);
  for (const one of sides) {
    for (let minute = 0; minute < 3; minute++) {
      world.clock.advance(61_000);
      await world.estate.duties(world.tenant(one));
    }
    expect(await world.estate.wake(world.tenant(one))).toBe(true);
    expect(await absorb(world, one, spec.tenants[one])).toEqual([]);
    await expectAtRest(world, one, spec.tenants[one]);
  }
}
