/** Which tenants a round of the clock passes over, and what wakes them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "#test/in-process/house";
import { createTenantDuties } from "./app.ts";
import { createRest, restMs, settledMs } from "./rest.ts";

const minute = 60_000;
let house: House;
beforeAll(async () => {
  house = await openHouse(["acme", "beta"]);
});
afterAll(async () => house[Symbol.asyncDispose]());

/** A round each minute, in environments that know nothing of each other. @returns by minute whether it was seen to */
async function rounds(minutes: number, well = true): Promise<string> {
  let seen = "";
  for (let n = 0; n < minutes; n++) {
    const rest = createRest(house.deps);
    const awake = await rest.isAwake("acme");
    if (awake) await rest.seenTo("acme", well);
    seen += awake ? "x" : ".";
    house.advance(minute);
  }
  return seen;
}

const write = async (): Promise<void> => {
  const stream = {
    kind: "member",
    id: `m-${house.deps.clock.now()}`,
    rev: 0,
    state: undefined,
    origin: undefined,
  } as const;
  const data = { display_name: null, email: null, roles: [] };
  const event = { type: "member.upserted", data } as const;
  const actor = { subject: "tester", roles: [] };
  expect(
    await house.deps.log.commit({ tenant: "acme", actor, at: house.deps.clock.now(), stream, event }),
  ).toMatchObject({ ok: true });
};

test("after twelve still minutes a quarter of an hour of rest, again and again; one event wakes it at the next round", async () => {
  const [settled, rest] = [settledMs / minute, restMs / minute];
  expect(await rounds(settled + 1)).toBe("x".repeat(settled + 1));
  expect(await rounds(2 * rest - 1)).toBe(`${".".repeat(rest - 1)}x${".".repeat(rest - 1)}`);
  await write();
  expect(await rounds(settled + 2)).toBe("x".repeat(settled + 1) + ".");
});

test("where something failed or is overdue there is no rest, and the clock set back ends one", async () => {
  await write();
  expect(await rounds(30, false)).toBe("x".repeat(30));
  expect(await rounds(3)).toBe("x..");
  house.advance(-3_600_000);
  expect(await createRest(house.deps).isAwake("acme")).toBe(true);
  house.advance(3_600_000);
});

test("duties say whether all is well", async () => {
  const duties = createTenantDuties({ ...house.deps, report: () => undefined });
  expect(await duties("acme", async () => undefined)).toBe(true);
  expect(await duties("acme", () => Promise.reject(new Error("no wakes")))).toBe(false);
  // Nothing is renewed while the signer is away: first in vain, at last overdue.
  house.advance(30 * 86_400_000);
  const signer = { ...house.deps.signer, sign: () => Promise.reject(new Error("away")) };
  expect(
    await createTenantDuties({ ...house.deps, signer, report: () => undefined })("acme", async () => undefined),
  ).toBe(false);
});
