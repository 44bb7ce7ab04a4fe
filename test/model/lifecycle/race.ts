/** Different requests at the same time: what came of them must be what they come to one after another, in the log's order. */
import { expect } from "vitest";
import type { Answer } from "./estate.ts";
import { absorb } from "./perform.ts";
import type { Asked } from "./requests/asked.ts";
import type { Spec } from "./spec.ts";
import type { Side, World } from "./world.ts";

interface Runner {
  readonly asked: Asked;
  readonly trace: string;
  readonly answer: Answer;
  /** What it would have been answered with at each moment in between. */
  readonly possible: number[];
}

/** All on one lane, so that the log has an order. */
export async function race(spec: Spec, world: World, side: Side, all: readonly Asked[]): Promise<void> {
  const tenant = spec.tenants[side];
  const prompt = all.some(({ publishes }) => publishes === true);
  const runners: Runner[] = await Promise.all(
    all.map(async (asked, at) => {
      const trace = String(at + 1).padStart(32, "0");
      const answer = await world.estate.request(world.tenant(side), asked, world.freshKey(), prompt, trace);
      return { asked, trace, answer, possible: [] };
    }),
  );
  const look = (): void => {
    for (const { asked, possible } of runners) possible.push(asked.outcome(spec, tenant).status);
  };
  look();
  for (const event of await absorb(world, side, tenant)) {
    const runner = runners.find(({ trace }) => trace === event.trace) as Runner;
    const outcome = runner.asked.outcome(spec, tenant);
    expect(event.type, `${runner.asked.text} when its turn came`).toBe(outcome.event);
    expect(runner.answer.status).toBe(outcome.status);
    if (outcome.shows !== undefined && outcome.status < 400)
      expect(runner.answer.body["id"]).toBe(outcome.shows(event));
    outcome.apply?.(event);
    runners.splice(runners.indexOf(runner), 1);
    look();
  }
  for (const { asked, answer, possible } of runners) {
    expect(answer.status, `${asked.text} was refused`).toBeGreaterThanOrEqual(400);
    expect(possible, asked.text).toContain(answer.status);
    // It may have lost after it was signed.
    if (asked.signs === true) tenant.orphans++;
  }
}
