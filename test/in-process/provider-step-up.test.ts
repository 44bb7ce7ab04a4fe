/** Showing again who one is, at the provider: the session that was there is replaced by one that says when. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sessionCookieOf, keptSession, keptUnder } from "#shared/usecases/session-store";
import type { House } from "#test/in-process/house";
import { openScene, openSignInHouse, type Scene } from "#test/oidc/house";
import { signInAs, subjectOf } from "#test/oidc/signed-in";

let house: House;
let scene: Scene;
beforeAll(async () => {
  house = await openSignInHouse();
  scene = await openScene(house, [
    { subject: "ada", tenant: "acme", roles: ["admin"] },
    { subject: "bob", tenant: "acme", roles: ["admin"] },
  ]);
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const seconds = (): number => Math.floor(house.deps.clock.now() / 1000);
const stepUp = "?step_up=1&return_to=/certificates";

/** When the session says that its person showed who they are, seconds. */
async function shownAt(cookie: string): Promise<number> {
  const found = sessionCookieOf(cookie.slice(cookie.indexOf("=") + 1));
  const text = found && (await house.deps.shortLived.get(found.tenant, keptUnder(found.id)));
  if (text === undefined) throw new Error("there is no session");
  return Math.floor(keptSession(text).session.authenticatedAt / 1000);
}

describe("an ordinary sign-in", () => {
  it("says when the person showed who they are, not when the provider let them pass", async () => {
    const { cookie } = await signInAs(scene, { sub: "ada", claims: { auth_time: seconds() - 7_200 } });
    expect(await shownAt(cookie)).toBe(seconds() - 7_200);
  });

  it("says nothing of it where the provider does not, nor a time that is still to come", async () => {
    expect(await shownAt((await signInAs(scene, { sub: "ada" })).cookie)).toBe(0);
    const { cookie } = await signInAs(scene, { sub: "ada", claims: { auth_time: seconds() + 9_999 } });
    expect(await shownAt(cookie)).toBe(seconds());
  });
});

describe("a step-up", () => {
  let before: string;
  beforeEach(async () => {
    before = (await signInAs(scene, { sub: "ada", claims: { auth_time: seconds() - 7_200 } })).cookie;
    house.advance(60_000);
  });
  const again = (person: Parameters<typeof signInAs>[1]) => signInAs(scene, person, stepUp, { cookie: before });

  it("asks the provider to have the person show it, and the session before is over", async () => {
    const begun = await scene.ask(`/auth/oidc/idp/start${stepUp}`, { headers: { cookie: before } });
    const asked = new URL(begun.headers.get("location") ?? "").searchParams;
    expect([asked.get("prompt"), asked.get("max_age")]).toEqual(["login", "0"]);
    const { cookie, answer } = await again({ sub: "ada", claims: { auth_time: seconds() } });
    expect(answer.headers.get("location")).toBe("https://localhost:8443/certificates");
    expect(cookie).not.toBe(before);
    expect([await subjectOf(scene, cookie), await subjectOf(scene, before)]).toEqual(["idp:ada", undefined]);
    expect(await shownAt(cookie)).toBe(seconds());
  });

  it.each<[string, Parameters<typeof signInAs>[1], number, string]>([
    ["somebody else", { sub: "bob" }, 403, "another_person"],
    ["a stranger", { sub: "eve" }, 403, "unmapped"],
  ])("by %s changes nothing", async (_, person, status, reason) => {
    const { answer } = await again({ ...person, claims: { auth_time: seconds() } });
    expect([answer.status, answer.reason, answer.cookie]).toEqual([status, reason, undefined]);
    expect(await subjectOf(scene, before)).toBe("idp:ada");
  });

  it.each<[string, () => object]>([
    ["let them pass without asking", () => ({ auth_time: seconds() - 7_200 })],
    ["does not say when", () => ({})],
    ["says it in words", () => ({ auth_time: "now" })],
  ])("of a provider that %s counts for nothing", async (_, claims) => {
    const { answer } = await again({ sub: "ada", claims: { ...claims() } });
    expect([answer.status, answer.reason, answer.cookie]).toEqual([401, "not_proven", undefined]);
    expect(await subjectOf(scene, before)).toBe("idp:ada");
  });

  it("is for who is signed in", async () => {
    expect((await signInAs(scene, { sub: "ada" }, stepUp)).answer.status).toBe(401);
  });
});
