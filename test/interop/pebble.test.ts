/** The same requests to this product and to Let's Encrypt's pebble: they differ where, and only where, a clause says so. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../toolchain/runtime.mjs";
import { cases } from "./acme/cases.ts";
import { differences } from "./acme/differences.ts";
import { type AcmeHouse, openAcmeHouse } from "./acme/house.ts";
import { type Pebble, startPebble } from "./acme/pebble.ts";
import { Subject } from "./acme/subject.ts";
import { freePort } from "#test/contract/free-port";
import { openWorld, type World } from "./acme/world.ts";

let world: World;
let house: AcmeHouse;
let pebble: Pebble;
beforeAll(async () => {
  world = await openWorld();
  pebble = await startPebble(world, await freePort());
  house = await openAcmeHouse(world);
});
afterAll(async () => {
  await house.host.stop();
  await pebble.stop();
  await world.stop();
});

// Side by side: the slowest wait for a validation that is tried again.
describe.concurrent("the same request", () => {
  it.each(Object.entries(cases))("%s", async (name, run) => {
    const ours = await run(new Subject(house.open, world));
    const theirs = await run(new Subject(pebble, world));
    const { ours: expected = theirs, pebble: expectedOfPebble = ours } = differences[name] ?? {};
    expect({ ours, pebble: theirs }).toEqual({ ours: expected, pebble: expectedOfPebble });
  });
});

it("every difference is one of a case, is a difference, and stands in docs/acme.md", () => {
  const rows = readFileSync(join(root, "docs", "acme.md"), "utf8").split("\n");
  const documented = rows.filter((row) => /^\| .* \| (RFC|draft)/.test(row)).map((row) => row.replace(/ +/g, " "));
  const expected = Object.entries(differences).map(([name, { ours, pebble: theirs, clause }]) => {
    expect(cases[name], name).toBeDefined();
    expect(ours, name).not.toBe(theirs);
    return `| ${name} | ${ours} | ${theirs} | ${clause} |`;
  });
  expect(documented).toEqual(expected);
});
