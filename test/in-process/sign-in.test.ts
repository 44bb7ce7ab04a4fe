/** Browser sessions over the real store: the link that opens one, what keeps it, what ends it, and what a forger lacks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionLifetimes } from "#shared/usecases/session-store";
import { openSession } from "#shared/usecases/sessions";
import { makeSignInLink, signInLinkMs } from "#shared/usecases/sign-in-link";
import { functionsOf, origin } from "./browser-house.ts";
import { type House, openHouse } from "./house.ts";

let house: House;
let api: ReturnType<typeof functionsOf>["api"];
let signIn: ReturnType<typeof functionsOf>["signIn"];

beforeAll(async () => {
  house = await openHouse(["acme", "beta"]);
  ({ api, signIn } = functionsOf(house));
});
afterAll(async () => house[Symbol.asyncDispose]());

type Headers = Record<string, string>;

const ask = async (method: string, path: string, headers: Headers = {}, body?: object): Promise<Response> => {
  const sent = {
    host: "localhost:8443",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...headers,
  };
  const request = new Request(`${origin}${path}`, {
    method,
    headers: sent,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (path.startsWith("/auth/") ? signIn : api).fetch(request, { address: "192.0.2.7", certificate: undefined });
};

const link = (tenant = "acme") => makeSignInLink(house.deps, { tenant, subject: "ada", scopes: ["*"] });
const follow = (secret: string, headers: Headers = {}) => ask("POST", "/auth/local", headers, { secret });

async function signedIn(): Promise<{ readonly cookie: string; readonly csrf: string }> {
  const answer = await follow(await link());
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const { csrf_token: csrf } = (await (await ask("GET", "/auth/session", { cookie })).json()) as { csrf_token: string };
  return { cookie, csrf };
}

let made = 0;
const createOwner = (headers: Headers) =>
  ask("POST", "/api/v1/owners", { "idempotency-key": `owner-key-${++made}`, ...headers }, { kind: "team", name: "x" });

describe("the link", () => {
  it("signs in once", async () => {
    const secret = await link();
    const first = await follow(secret);
    expect(first.status).toBe(204);
    expect(first.headers.get("set-cookie")).toMatch(
      /^__Host-trstctl-8443=acme\.[0-9a-f-]{36}\.[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect((await follow(secret)).status).toBe(401);
  });

  it("dies after five minutes", async () => {
    const secret = await link();
    house.advance(signInLinkMs + 1);
    expect((await follow(secret)).status).toBe(401);
  });

  it.each(["acme.x", "beta.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "../x.y", "system"])(
    "is no other text: %s",
    async (secret) => {
      expect((await follow(secret)).status).toBe(401);
    },
  );

  it("is of its tenant: the secret under another tenant's name opens nothing, and is not used up", async () => {
    const secret = await link("acme");
    expect((await follow(secret.replace("acme.", "beta."))).status).toBe(401);
    expect((await follow(secret)).status).toBe(204);
  });

  it.each([
    { origin: "https://localhost:9999" },
    { origin: "https://evil.example" },
    { "sec-fetch-site": "same-site" },
  ])("is not followed for a page of another origin: %j", async (headers) => {
    const secret = await link();
    expect([403, 421]).toContain((await follow(secret, headers as unknown as Headers)).status);
    expect((await follow(secret, { origin })).status).toBe(204);
  });
});

describe("a session", () => {
  it("reads without more, and changes things with its CSRF token from its own page only", async () => {
    const { cookie, csrf } = await signedIn();
    expect((await ask("GET", "/api/v1/owners", { cookie })).status).toBe(200);
    expect((await createOwner({ cookie, "x-csrf-token": csrf, origin })).status).toBe(201);
  });

  it.each<[string, (csrf: string, other: string) => Headers]>([
    ["no CSRF token", () => ({})],
    ["another session's CSRF token", (_, other) => ({ "x-csrf-token": other })],
    [
      "the page of another port of this machine",
      (csrf) => ({ "x-csrf-token": csrf, origin: "https://localhost:9999" }),
    ],
    ["a page that the browser calls same-site", (csrf) => ({ "x-csrf-token": csrf, "sec-fetch-site": "same-site" })],
    ["no origin at all (a sandboxed frame)", (csrf) => ({ "x-csrf-token": csrf, origin: "null" })],
  ])("refuses a change with %s", async (_, headers) => {
    const mine = await signedIn();
    const other = await signedIn();
    const answer = await createOwner({ cookie: mine.cookie, ...headers(mine.csrf, other.csrf) });
    expect([403, 421]).toContain(answer.status);
  });

  it("counts for nothing beside an Authorization header, right or wrong", async () => {
    const { cookie, csrf } = await signedIn();
    const answer = await createOwner({ cookie, "x-csrf-token": csrf, origin, authorization: "Bearer nonsense" });
    expect(answer.status).toBe(401);
  });

  it("ends when it is idle, and lives on while it is used, to its absolute end", async () => {
    const idle = await signedIn();
    house.advance(sessionLifetimes.idleMs + 1);
    expect((await ask("GET", "/auth/session", { cookie: idle.cookie })).status).toBe(401);
    const used = await signedIn();
    const step = sessionLifetimes.idleMs - 1_000;
    for (let at = step; at < sessionLifetimes.absoluteMs; at += step) {
      house.advance(step);
      expect((await ask("GET", "/auth/session", { cookie: used.cookie })).status).toBe(200);
    }
    house.advance(step);
    expect((await ask("GET", "/auth/session", { cookie: used.cookie })).status).toBe(401);
  });

  it("is gone from the store after sign-out, wherever its cookie still is", async () => {
    const { cookie, csrf } = await signedIn();
    expect((await ask("POST", "/auth/logout", { cookie, origin })).status).toBe(403);
    const out = await ask("POST", "/auth/logout", { cookie, origin, "x-csrf-token": csrf });
    expect([out.status, out.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")]);
    expect((await ask("GET", "/auth/session", { cookie })).status).toBe(401);
    expect((await ask("GET", "/api/v1/owners", { cookie })).status).toBe(401);
  });

  it("never takes a value that a browser brought along (fixation)", async () => {
    const fixed =
      "__Host-trstctl-8443=acme.01900000-0000-7000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const answer = await follow(await link(), { cookie: fixed });
    expect(answer.headers.get("set-cookie")).not.toContain("AAAAAAAAAA");
    expect((await ask("GET", "/auth/session", { cookie: fixed })).status).toBe(401);
  });

  it("does what its member's roles allow now, and nothing once the member is offboarded", async () => {
    const value = await openSession(house.deps, {
      tenant: "acme",
      subject: "bob",
      name: "Bob",
      method: "oidc",
      provider: "example",
      sid: null,
      roles: ["admin"],
      scopes: ["*"],
    });
    const cookie = `__Host-trstctl-8443=${value}`;
    const admin = await signedIn();
    const asAdmin = { cookie: admin.cookie, "x-csrf-token": admin.csrf, origin };
    const put = await ask(
      "PUT",
      "/api/v1/access/members/bob",
      { ...asAdmin, "idempotency-key": "member-key-1" },
      {
        roles: ["auditor"],
      },
    );
    expect(put.status).toBe(200);
    expect((await ask("GET", "/api/v1/owners", { cookie })).status).toBe(403);
    await ask("POST", "/api/v1/access/members/bob/offboard", { ...asAdmin, "idempotency-key": "member-key-2" }, {});
    expect((await ask("GET", "/auth/session", { cookie })).status).toBe(401);
  });
});
