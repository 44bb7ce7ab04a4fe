/** What the console asks all the time: how the host does, what moved, and what of the outbox failed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusHandlers } from "#functions/api/handlers/status";
import { outboxHandlers } from "#functions/api/handlers/outbox";
import type { Handler } from "#functions/api/operation-handler";
import { createOwner } from "#shared/usecases/owners";
import { adminCall, type House, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse(["acme", "beta"]);
});
afterAll(async () => house[Symbol.asyncDispose]());

const ask = async <T>(handler: Handler | undefined, query: object = {}, tenant = "acme"): Promise<T> => {
  if (handler === undefined) throw new Error("no such operation");
  const { body } = await handler.run({ deps: house.deps, call: adminCall(tenant), params: {}, query, body: {} });
  return body as T;
};

interface Changes {
  readonly cursor: string;
  readonly changed: readonly string[];
}
const changes = (after?: string, tenant?: string) =>
  ask<Changes>(statusHandlers["status.changes"], after === undefined ? {} : { after }, tenant);
const owner = (name: string, tenant = "acme") =>
  createOwner(house.deps, adminCall(tenant), { kind: "team", name, email: null });

describe("changes", () => {
  it("are those since the cursor, of this tenant alone, each kind once", async () => {
    const { cursor, changed } = await changes();
    expect(changed).toEqual([]);
    expect(await changes(cursor)).toMatchObject({ cursor, changed: [] });
    await owner("a", "beta");
    expect(await changes(cursor)).toMatchObject({ cursor, changed: [] });
    await owner("a");
    await owner("b");
    const moved = await changes(cursor);
    expect(moved.changed).toEqual(["owner"]);
    expect(await changes(moved.cursor)).toMatchObject({ changed: [] });
  });

  it("are not told apart when they are many, or when the log is not the one of the cursor", async () => {
    const { cursor } = await changes();
    for (let n = 0; n < 201; n++) await owner(`many ${n}`);
    expect((await changes(cursor)).changed).toEqual(["*"]);
    expect((await changes("999999")).changed).toEqual(["*"]);
    await expect(changes("1.2")).rejects.toMatchObject({ field: "after" });
  });
});

describe("status", () => {
  it("says when revocation runs out, and what is overdue", async () => {
    const first = await ask<{ revocation: { crl_ends_at: string; overdue: unknown[] } }>(statusHandlers["status.get"]);
    expect(Date.parse(first.revocation.crl_ends_at)).toBeGreaterThan(house.deps.clock.now());
    expect(first.revocation.overdue).toEqual([]);
    house.advance(400 * 86_400_000);
    const later = await ask<typeof first>(statusHandlers["status.get"]);
    expect(later.revocation.overdue).toContainEqual(expect.objectContaining({ what: "OCSP responder" }));
  });

  it("counts what waits and what failed, and the outbox lists only that", async () => {
    const list = (query: object) => ask<{ items: unknown[] }>(outboxHandlers["outbox.list"], { limit: 100, ...query });
    expect((await list({})).items.length).toBeGreaterThan(0);
    expect((await list({ status: "pending" })).items).toEqual([]);
    expect((await list({ status: "dead" })).items).toEqual([]);
    expect(await ask(statusHandlers["status.get"])).toMatchObject({
      outbox: { pending: 0, dead: 0 },
      requests_waiting: 0,
    });
  });
});
