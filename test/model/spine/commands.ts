/** Everything that can happen to the spine beside commands: wakes, silence, time, moods of the receivers, restarts. */
import fc from "fast-check";
import { type Fault, faultText, someFault } from "../faults.ts";
import { replayPath } from "../settings.ts";
import { commits } from "./commit.ts";
import { expectWhole } from "./expect.ts";
import { follow } from "./follow.ts";
import { type Mood, type Moods, moods, type ReceiverName, receiverNames } from "./outbox-spec.ts";
import { projections } from "./projection-spec.ts";
import type { Spec } from "./spec.ts";
import { type Side, sides, type World } from "./world.ts";

type SpineCommand = fc.AsyncCommand<Spec, World>;

/** @param text how it stands in a counterexample */
const command = (text: string, run: (spec: Spec, world: World) => Promise<void>): SpineCommand => ({
  check: () => true,
  run,
  toString: () => text,
});

/** One of those that wait, in any order; doubled, it stays and comes again. */
const wake = (at: number, doubled: boolean, fault: Fault | undefined) =>
  command(`Wake(${at}${doubled ? " doubled" : ""}${faultText(fault)})`, async (spec, world) => {
    const { rung } = world.machine.wakes;
    const chosen = rung[at % Math.max(rung.length, 1)];
    if (chosen === undefined) return;
    if (!doubled) rung.splice(rung.indexOf(chosen), 1);
    const side = sides.find((one) => world.tenant(one) === chosen.tenant) as Side;
    await follow(spec, world, side, fault);
  });

const lose = command("LoseWakes", async (_, world) => void world.machine.wakes.rung.splice(0));

const sweep = (fault: Fault | undefined) =>
  command(`Sweep(${faultText(fault)})`, async (spec, world) => {
    await follow(spec, world, "a", fault);
    await follow(spec, world, "b");
  });

const sixMinutes = 360_000;

/** Trouble that lasts: all receivers down for as many passes, each after the longest pause; how it ends may be cut. */
const trouble = (side: Side, passes: number, end: Mood, fault: Fault | undefined) =>
  command(`Trouble(${side} ${passes} ${end}${faultText(fault)})`, async (spec, world) => {
    for (let pass = 1; pass <= passes; pass++) {
      const mood = pass === passes ? end : "down";
      feelAll(spec, world, { mail: mood, chat: mood, ours: mood });
      world.clock.advance(sixMinutes);
      spec.now += sixMinutes;
      await follow(spec, world, side, pass === passes ? fault : undefined);
    }
  });

function feelAll(spec: Spec, world: World, all: Moods): void {
  spec.moods = all;
  world.machine.moods = all;
}

const wait = (ms: number) =>
  command(`Wait(${ms})`, async (spec, world) => {
    world.clock.advance(ms);
    spec.now += ms;
  });

const feel = (receiver: ReceiverName, mood: Mood) =>
  command(`${receiver} is ${mood}`, async (spec, world) => {
    feelAll(spec, world, { ...spec.moods, [receiver]: mood });
  });

const restart = (process: number) => command(`Restart(p${process})`, (_, world) => world.machine.restart(process));

const sweepExpired = command("SweepExpired", async (spec, world) => {
  if (!world.store.sweepExpired(world.clock)) return;
  for (const one of Object.values(spec.tenants)) one.sweep(spec.now);
});

/** A read model that is lost while nobody runs is made anew from the log. */
const forget = (side: Side, at: number) =>
  command(`Forget(${side} ${projections[at]?.name})`, async (_, world) => {
    const pk = `T#${world.tenant(side)}#P#${projections[at]?.name}`;
    await world.table(side).transact([{ delete: { pk, sk: "CURSOR" } }]);
    await world.machine.restart(0);
  });

const verify = (side: Side) =>
  command(`Verify(${side})`, async (spec, world) => {
    await expectWhole(world, side, spec.tenants[side]);
  });

const side = fc.constantFrom(...sides);
const process = fc.nat(1);
const calls = 14;

const troubles = fc
  .tuple(side, fc.integer({ min: 2, max: 10 }), fc.constantFrom(...moods), someFault(calls))
  .map((args) => trouble(...args));

const times = [1_000, 5_000, 30_000, 360_000, 7 * 86_400_000, 31 * 86_400_000, -1_000, -90_000, -3_600_000];

export const spineCommands = (maxCommands: number): fc.Arbitrary<Iterable<SpineCommand>> =>
  fc.commands(
    [
      ...Array.from({ length: 6 }, () => commits),
      fc.tuple(fc.nat(20), fc.boolean(), someFault(calls)).map((args) => wake(...args)),
      fc.tuple(fc.nat(20), fc.boolean(), someFault(calls)).map((args) => wake(...args)),
      someFault(calls).map(sweep),
      troubles,
      troubles,
      fc.constant(lose),
      fc.constantFrom(...times).map(wait),
      fc.constantFrom(...times).map(wait),
      fc.tuple(fc.constantFrom(...receiverNames), fc.constantFrom(...moods)).map((args) => feel(...args)),
      process.map(restart),
      fc.constant(sweepExpired),
      fc.tuple(side, fc.nat(projections.length - 1)).map((args) => forget(...args)),
      side.map(verify),
    ],
    { maxCommands, size: "max", ...(replayPath !== undefined && { replayPath }) },
  );
