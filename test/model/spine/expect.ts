/** What is stored, held against the specification. */
import { expect } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { readProjection, replayProjection } from "#events/projections/runner";
import type { AggregateKind } from "#shared/domain/aggregate";
import { tailOf } from "../tail.ts";
import { expectedOf, projections } from "./projection-spec.ts";
import type { TenantSpec } from "./spec.ts";
import type { Side, World } from "./world.ts";

export async function expectStates(
  world: World,
  side: Side,
  spec: TenantSpec,
  names: Iterable<string> = spec.entities.keys(),
): Promise<void> {
  for (const name of names) {
    const [kind, id] = name.split("/") as [AggregateKind, string];
    const { rev, state } = await world.machine.log().load(world.tenant(side), kind, id);
    const facts = spec.factsOf(kind, id);
    if (facts === undefined) expect(state, name).toBeUndefined();
    else {
      expect(state, name).toMatchObject(facts);
      expect(rev, name).toBe(spec.revOf(kind, id));
    }
  }
}

/**
 * Each projection says of the log, as far as it has read, what it must; and has read at least up to `least`.
 * A poison event stops it in that lane alone.
 */
export async function expectProjections(
  world: World,
  side: Side,
  spec: TenantSpec,
  least?: readonly number[],
): Promise<void> {
  for (const { name, ...projection } of projections) {
    const found = await readProjection<object>(world.table(side), world.tenant(side), { name, ...projection });
    const { cursor, state } = found ?? { cursor: { lanes: spec.log.map(() => 0), quarantined: [] }, state: {} };
    const whole = expectedOf(name, spec.log);
    for (const [lane, position] of cursor.lanes.entries()) {
      const poison = whole.quarantined.find((one) => one.lane === lane);
      const due = least?.[lane] ?? 0;
      const where = `${name}, lane ${lane}`;
      expect(position, where).toBeLessThanOrEqual(whole.lanes[lane] ?? 0);
      expect(position, where).toBeGreaterThanOrEqual(Math.min(due, (poison?.seq ?? Infinity) - 1));
      const stopped = cursor.quarantined.filter((one) => one.lane === lane).map(({ seq }) => ({ lane, seq }));
      if (stopped.length > 0 || (poison !== undefined && due >= poison.seq)) expect(stopped, where).toEqual([poison]);
    }
    expect(state).toEqual(expectedOf(name, spec.log, cursor.lanes).state);
  }
}

/** The whole chain from its start, every derived row, every state and every read model. */
export async function expectWhole(world: World, side: Side, spec: TenantSpec): Promise<void> {
  const tenant = world.tenant(side);
  expect(await world.news(side), "nothing is appended that nobody asked for").toEqual([]);
  expect(await tailOf(tenant, world.lanes)(world.table(side))).toEqual(spec.log.flat());
  const log = world.machine.log();
  const { items, differing } = await compareWithLog(log, world.table(side), tenant);
  expect(differing).toEqual([]);
  expect(items).toBe([...spec.entities.values()].filter(({ facts }) => facts !== undefined).length);
  await expectStates(world, side, spec);
  for (const projection of projections) {
    const { cursor, state } = await replayProjection<object>(log, tenant, projection);
    const { lanes, quarantined, state: expected } = expectedOf(projection.name, spec.log);
    expect(state).toEqual(expected);
    expect(cursor).toMatchObject({ lanes, quarantined });
    expect(cursor.quarantined.length).toBe(quarantined.length);
  }
}
