/** Sessions that somebody else ends: which ones, and that none survives by being opened, used or renewed at that moment. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ShortLived } from "#shared/ports/short-lived";
import { endSessionsOf, type WhoseSessions } from "#shared/usecases/end-sessions";
import { offboardMember, putMember } from "#shared/usecases/members";
import { renewSession } from "#shared/usecases/renew-session";
import { sessionLifetimes } from "#shared/usecases/session-store";
import { findSession, openSession, type OpenSession } from "#shared/usecases/sessions";
import { adminCall, type House, openHouse } from "./house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse(["acme", "beta"]);
});
afterAll(async () => house[Symbol.asyncDispose]());
beforeEach(() => house.advance(sessionLifetimes.absoluteMs));

const ada: OpenSession = {
  tenant: "acme",
  subject: "ada",
  name: null,
  method: "oidc",
  provider: "example",
  sid: "s1",
  roles: [],
  scopes: ["*"],
};
const alive = async (cookie: string): Promise<boolean> => (await findSession(house.deps, cookie)) !== undefined;

describe("who is meant", () => {
  const others: Readonly<Record<string, OpenSession>> = {
    ada,
    "ada's other": { ...ada, sid: "s2" },
    "ada by another provider": { ...ada, provider: "other" },
    "ada by link": { ...ada, method: "local", provider: null, sid: null },
    bob: { ...ada, subject: "bob", sid: "s3" },
    "ada of beta": { ...ada, tenant: "beta" },
  };
  it.each<[WhoseSessions, readonly string[]]>([
    [{ subject: "ada" }, ["bob", "ada of beta"]],
    [{ provider: "example", subject: "ada" }, ["ada by another provider", "ada by link", "bob", "ada of beta"]],
    [
      { provider: "example", sid: "s1" },
      ["ada's other", "ada by another provider", "ada by link", "bob", "ada of beta"],
    ],
    [{ subject: "nobody" }, Object.keys(others)],
  ])("%j leaves %j", async (whose, left) => {
    const cookies: [string, string][] = [];
    for (const [name, one] of Object.entries(others)) cookies.push([name, await openSession(house.deps, one)]);
    house.advance(1);
    const ended = await endSessionsOf(house.deps, "acme", whose);
    expect(ended).toHaveLength(cookies.length - left.length);
    const living: string[] = [];
    for (const [name, cookie] of cookies) if (await alive(cookie)) living.push(name);
    expect(living).toEqual(left);
  });

  it("all of them, however many", async () => {
    for (let n = 0; n < 25; n++)
      await Promise.all(Array.from({ length: 10 }, () => openSession(house.deps, { ...ada, subject: "many" })));
    expect(await endSessionsOf(house.deps, "acme", { subject: "many" })).toHaveLength(250);
    expect((await house.deps.shortLived.list("acme", "session", { limit: 1 })).items).toEqual([]);
  });
});

describe("at the same moment", () => {
  /** Runs `other` whole in the middle of what uses this: before its n-th step. */
  function interrupted(n: number, other: () => Promise<unknown>): { readonly shortLived: ShortLived; steps(): number } {
    let steps = 0;
    const step = async (): Promise<void> => {
      if (steps++ === n) await other();
    };
    const { shortLived } = house.deps;
    const around =
      <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        await step();
        return work(...args);
      };
    return {
      steps: () => steps,
      shortLived: {
        put: around(shortLived.put),
        replace: around(shortLived.replace),
        get: around(shortLived.get),
        take: around(shortLived.take),
        list: around(shortLived.list),
      },
    };
  }

  const opened = (deps: typeof house.deps): Promise<string | undefined> =>
    openSession(deps, ada).catch((error: Error) => {
      expect(error.message).toContain("were ended while you signed in");
      return undefined;
    });

  it.each<WhoseSessions>([
    { subject: "ada" },
    { provider: "example", subject: "ada" },
    { provider: "example", sid: "s1" },
  ])("nothing opened while %j ends survives, wherever one stands when the other runs", async (whose) => {
    for (let n = 0; ; n++) {
      house.advance(sessionLifetimes.absoluteMs);
      const { shortLived, steps } = interrupted(n, () => endSessionsOf(house.deps, "acme", whose));
      const cookie = await opened({ ...house.deps, shortLived });
      if (steps() <= n) break; // the opening was over: nothing was interrupted
      expect(cookie === undefined || !(await alive(cookie)), `opening, step ${n}`).toBe(true);
    }
    for (let n = 0; ; n++) {
      house.advance(sessionLifetimes.absoluteMs);
      let cookie: string | undefined;
      const { shortLived, steps } = interrupted(n, async () => {
        cookie = await opened(house.deps);
      });
      await endSessionsOf({ ...house.deps, shortLived }, "acme", whose);
      if (steps() <= n) break;
      // Before the mark was written, and all was still to be found; after it, the opening finds the mark.
      expect(cookie === undefined || !(await alive(cookie)), `ending, step ${n}`).toBe(true);
    }
  });

  it("a session in use is not written back", async () => {
    for (let n = 0; ; n++) {
      house.advance(sessionLifetimes.absoluteMs);
      const cookie = await openSession(house.deps, ada);
      house.advance(120_000);
      const { shortLived, steps } = interrupted(n, () => endSessionsOf(house.deps, "acme", { subject: "ada" }));
      await findSession({ ...house.deps, shortLived }, cookie);
      if (steps() <= n) break;
      expect(await alive(cookie), `step ${n}`).toBe(false);
    }
  });

  it("a session that is renewed meanwhile is not: neither its old cookie nor its new one", async () => {
    const { sid: _, ...proof } = ada;
    const sids = ["s1", "new"] as const;
    const ends: readonly WhoseSessions[] = [
      { subject: "ada" },
      { provider: "example", sid: "s1" },
      { provider: "example", sid: "new" },
    ];
    for (const sid of sids)
      for (const whose of ends)
        for (let n = 0; ; n++) {
          house.advance(sessionLifetimes.absoluteMs);
          const cookie = await openSession(house.deps, ada);
          const found = await findSession(house.deps, cookie);
          const id = found?.session.id ?? "";
          house.advance(1);
          const { shortLived, steps } = interrupted(n, () => endSessionsOf(house.deps, "acme", whose));
          const renewed = await renewSession({ ...house.deps, shortLived }, id, { ...proof, sid }).catch(
            () => undefined,
          );
          if (steps() <= n) break;
          expect(await alive(cookie), "the old cookie").toBe(false);
          // Renewed in another session of the provider's, it is of that one, and not of what ended.
          if ("sid" in whose && whose.sid !== sid) continue;
          expect(renewed === undefined || !(await alive(renewed)), JSON.stringify([n, whose, sid])).toBe(true);
        }
  });

  it("who uses it while it is renewed does not bring the old cookie back", async () => {
    for (let n = 0; ; n++) {
      house.advance(sessionLifetimes.absoluteMs);
      const cookie = await openSession(house.deps, ada);
      const id = (await findSession(house.deps, cookie))?.session.id ?? "";
      house.advance(120_000);
      let renewed = "";
      const { shortLived, steps } = interrupted(n, async () => {
        renewed = await renewSession(house.deps, id, ada);
      });
      await findSession({ ...house.deps, shortLived }, cookie);
      if (steps() <= n) break;
      expect([await alive(cookie), await alive(renewed)], `step ${n}`).toEqual([false, true]);
    }
  });

  it("who proves anew who they are may come back; the provider's session that is over does not", async () => {
    await endSessionsOf(house.deps, "acme", { subject: "ada" });
    await endSessionsOf(house.deps, "acme", { provider: "example", sid: "s1" });
    expect(await opened(house.deps)).toBeUndefined();
    house.advance(1);
    expect(await opened(house.deps)).toBeUndefined();
    const again = { ...ada, sid: "s2" };
    await expect(openSession(house.deps, { ...again, provenAt: house.deps.clock.now() - 1 })).rejects.toThrow("ended");
    expect(await alive(await openSession(house.deps, again))).toBe(true);
  });
});

it("offboarding ends them, and adding the member again brings none back", async () => {
  const carol = { ...ada, subject: "carol" };
  const member = { subject: "carol", displayName: null, email: null, roles: ["viewer"] as const };
  await putMember(house.deps, adminCall("acme"), member);
  const cookie = await openSession(house.deps, carol);
  expect(await alive(cookie)).toBe(true);
  // As a process leaves it that dies after the commit.
  const dying = { ...house.deps.shortLived, put: () => Promise.reject(new Error("died")) };
  await expect(offboardMember({ ...house.deps, shortLived: dying }, adminCall("acme"), "carol", null)).rejects.toThrow(
    "died",
  );
  expect(await alive(cookie)).toBe(false);
  await putMember(house.deps, adminCall("acme"), member);
  expect(await alive(cookie)).toBe(false);
  house.advance(1);
  await offboardMember(house.deps, adminCall("acme"), "carol", null);
  expect((await house.deps.shortLived.list("acme", "session", { limit: 10 })).items).toEqual([]);
});
