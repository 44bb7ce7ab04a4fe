/** Sign-ins in the audit trail, and sessions seen and ended over the API: who may, whose, and what the log says of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAll } from "#events/log/rebuild";
import { putMember } from "#shared/usecases/members";
import { mintToken } from "#shared/usecases/tokens";
import { storedRows } from "#test/log/local-log";
import { expectRebuildable } from "#test/log/sound";
import { type Browser, type BrowserHouse, cookieValue, openBrowserHouse } from "./browser-house.ts";
import { adminCall } from "./house.ts";

let browsers: BrowserHouse;
beforeAll(async () => {
  browsers = await openBrowserHouse();
});
afterAll(async () => browsers[Symbol.asyncDispose]());

/** What the log of acme says of people, without what was there before. */
async function trail(work: () => Promise<unknown>): Promise<readonly object[]> {
  const { log } = browsers.house.deps;
  const all = async () => {
    const found: object[] = [];
    for await (const { event, actor, stream } of readAll(log, "acme"))
      if (stream.kind === "person") found.push({ ...event, by: actor.subject, of: stream.id });
    return found;
  };
  const before = (await all()).length;
  await work();
  return (await all()).slice(before);
}

interface Shown {
  readonly id: string;
  readonly subject: string;
  readonly current: boolean;
}
const idOf = ({ cookie }: Browser): string => cookie.split(".")[1] ?? "";
const alive = async ({ cookie }: Browser): Promise<boolean> =>
  (await browsers.ask("GET", "/auth/session", { cookie })).status === 200;
async function listed(browser: Browser, path: string): Promise<readonly Shown[]> {
  const answer = await browsers.ask("GET", `/api/v1${path}`, browser.headers);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly items: readonly Shown[] }).items;
}
const end = (browser: Browser, path: string, body?: object, key?: string): Promise<Response> =>
  browsers.ask(
    body === undefined ? "DELETE" : "POST",
    `/api/v1/${path}`,
    { ...browser.headers, ...(key !== undefined && { "idempotency-key": key }) },
    body,
  );

describe("the trail", () => {
  it("says who signed in by what, showed it again, and signed out; of people who are no members too", async () => {
    let session = "";
    const events = await trail(async () => {
      const ada = await browsers.signedIn();
      session = idOf(ada);
      const secret = await browsers.link();
      const renewed = await browsers.ask("POST", "/auth/local", ada.headers, { secret, step_up: true });
      const { headers } = await browsers.with(cookieValue(renewed));
      expect((await browsers.ask("POST", "/auth/logout", headers)).status).toBe(204);
      await browsers.byProvider();
    });
    const local = { method: "local", provider: null };
    expect(events).toEqual([
      { type: "person.signed-in", by: "ada", of: "ada", data: { ...local, name: null, session } },
      { type: "person.stepped-up", by: "ada", of: "ada", data: { ...local, session } },
      { type: "person.signed-out", by: "ada", of: "ada", data: { session } },
      expect.objectContaining({
        type: "person.signed-in",
        of: "example:ada",
        data: expect.objectContaining({ method: "oidc", provider: "example", name: "Ada" }) as object,
      }),
    ]);
  });

  it("holds nothing of who is refused, and no secret of who is not", async () => {
    const secret = await browsers.link();
    let cookie = "";
    const refused = await trail(async () => {
      for (let n = 0; n < 5; n++) await browsers.ask("POST", "/auth/local", {}, { secret: `acme.${"A".repeat(43)}` });
      await browsers.ask("POST", "/auth/logout", { cookie: "__Host-trstctl-8443=acme.x.y" });
    });
    expect(refused).toEqual([]);
    await browsers.ask("POST", "/auth/local", {}, { secret }).then((answer) => (cookie = cookieValue(answer)));
    const parts = [secret.split(".")[1], cookie.split(".")[2]];
    let text = "";
    for await (const event of readAll(browsers.house.deps.log, "acme")) text += JSON.stringify(event);
    for (const part of parts) expect(text.includes(part ?? "?")).toBe(false);
  });

  it("has no sign-in of an offboarded member, who gets none", async () => {
    const { deps } = browsers.house;
    await putMember(deps, adminCall("acme"), { subject: "gone", displayName: null, email: null, roles: ["viewer"] });
    const gone = await browsers.signedIn("gone");
    const admin = await browsers.signedIn();
    const events = await trail(() =>
      browsers
        .ask("POST", "/api/v1/access/members/gone/offboard", admin.headers, {})
        .then(({ status }) => expect(status).toBe(200)),
    );
    expect(events).toEqual([
      {
        type: "person.sessions-ended",
        by: "ada",
        of: "gone",
        data: { because: "offboarded", count: 1, session: null },
      },
    ]);
    expect(await alive(gone)).toBe(false);
    const secret = await browsers.link("acme", "gone");
    expect(await trail(() => browsers.ask("POST", "/auth/local", {}, { secret }))).toEqual([]);
  });

  it("gives every row again from the log alone", async () => {
    const { deps, sqlite } = browsers.house;
    await expectRebuildable({ log: deps.log, tables: deps.tables, rows: storedRows(sqlite, "acme") }, "acme");
  });
});

describe("sessions", () => {
  it("are seen by who may read access, the newest first, with the one that asks; by others only their own", async () => {
    browsers.house.advance(1);
    const bob = await browsers.signedIn("bob");
    browsers.house.advance(1);
    const ada = await browsers.signedIn();
    const all = await listed(ada, "/sessions?limit=2");
    expect(all.map(({ id, current }) => [id, current])).toEqual([
      [idOf(ada), true],
      [idOf(bob), false],
    ]);
    expect((await listed(ada, "/sessions?subject=bob")).map(({ subject }) => subject)).toContain("bob");
    expect((await listed(ada, "/sessions?subject=bob")).every(({ subject }) => subject === "bob")).toBe(true);
    const viewer = await browsers.byProvider({ subject: "example:v", roles: [], scopes: ["access:own"] });
    expect((await browsers.ask("GET", "/api/v1/sessions", viewer.headers)).status).toBe(403);
    expect((await listed(viewer, "/own/sessions")).map(({ id }) => id)).toEqual([idOf(viewer)]);
  });

  it("are paged without loss, whoever's are asked for", async () => {
    for (let n = 0; n < 7; n++) {
      await browsers.signedIn("pat");
      await browsers.signedIn("sam");
    }
    const ada = await browsers.signedIn();
    const found: string[] = [];
    let cursor = "";
    do {
      const answer = await browsers.ask("GET", `/api/v1/sessions?subject=pat&limit=2${cursor}`, ada.headers);
      const page = (await answer.json()) as { items: readonly Shown[]; next_cursor: string | null };
      found.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect([found.length, new Set(found).size]).toEqual([7, 7]);
  });

  it("are ended one by one, at once, and who did it stands in the log; the same request again is answered again", async () => {
    const bob = await browsers.signedIn("bob");
    const other = await browsers.signedIn("bob");
    const ada = await browsers.signedIn();
    const events = await trail(async () => {
      expect((await end(ada, `sessions/${idOf(bob)}`, undefined, "end-key-1")).status).toBe(204);
      const again = await end(ada, `sessions/${idOf(bob)}`, undefined, "end-key-1");
      expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([204, "true"]);
      expect((await end(ada, `sessions/${idOf(bob)}`, undefined, "end-key-2")).status).toBe(404);
    });
    expect([await alive(bob), await alive(other)]).toEqual([false, true]);
    const data = { because: "asked", count: 1, session: idOf(bob) };
    expect(events).toEqual([{ type: "person.sessions-ended", by: "ada", of: "bob", data }]);
  });

  it("are ended all of a subject", async () => {
    const eve = [await browsers.signedIn("eve"), await browsers.signedIn("eve")];
    const ada = await browsers.signedIn();
    const events = await trail(async () => {
      expect((await end(ada, "session-ends", { subject: "eve" })).status).toBe(204);
      expect((await end(ada, "session-ends", { subject: "eve" })).status).toBe(404);
    });
    expect(await Promise.all([...eve, ada].map(alive))).toEqual([false, false, true]);
    const data = { because: "asked", count: 2, session: null };
    expect(events).toEqual([{ type: "person.sessions-ended", by: "ada", of: "eve", data }]);
  });

  it("of others nobody ends as their own, nor of another tenant", async () => {
    const bob = await browsers.signedIn("bob");
    const viewer = await browsers.byProvider({ subject: "example:w", roles: [], scopes: ["access:own"] });
    expect((await end(viewer, `own/sessions/${idOf(bob)}`)).status).toBe(404);
    expect((await end(viewer, `sessions/${idOf(bob)}`)).status).toBe(403);
    const stranger = await browsers.byProvider({ tenant: "beta" });
    expect((await end(stranger, `sessions/${idOf(bob)}`)).status).toBe(404);
    expect(await alive(bob)).toBe(true);
    expect((await end(viewer, `own/sessions/${idOf(viewer)}`)).status).toBe(204);
    expect(await alive(viewer)).toBe(false);
  });

  it("are ended though the host died between the end and its event, by the same request again", async () => {
    const { deps } = browsers.house;
    const { endSession } = await import("#shared/usecases/end-sessions-by");
    const bob = await browsers.signedIn("bob");
    const call = adminCall("acme");
    const dying = { ...deps, log: { ...deps.log, commit: () => Promise.reject(new Error("died")) } };
    await expect(endSession(dying, call, idOf(bob))).rejects.toThrow("died");
    expect(await alive(bob)).toBe(false);
    expect(await trail(() => endSession(deps, call, idOf(bob)))).toHaveLength(1);
    await expect(endSession(deps, adminCall("acme"), idOf(bob))).rejects.toThrow("no such session");
  });

  it("are a token's to see and end too, of its own subject", async () => {
    browsers.house.advance(1);
    const bob = await browsers.signedIn("bob");
    const scopes = ["access:own"];
    const minted = { subject: "bob", scopes, expiresAt: undefined };
    const { token } = await mintToken(browsers.house.deps, adminCall("acme"), minted);
    const headers = { authorization: `Bearer ${token}` };
    const own = await browsers.ask("GET", "/api/v1/own/sessions?limit=1", headers);
    expect(((await own.json()) as { items: readonly Shown[] }).items[0]).toMatchObject({
      id: idOf(bob),
      current: false,
    });
    expect((await browsers.ask("DELETE", `/api/v1/own/sessions/${idOf(bob)}`, headers)).status).toBe(204);
    expect(await alive(bob)).toBe(false);
  });
});
