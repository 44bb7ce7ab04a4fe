/** What guards sign-in from who only knocks: slow senders, many addresses; and how the operator sees who was refused. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdminApp } from "#functions/admin/app";
import { createSignIn } from "#functions/sign-in/app";
import type { FunctionDeps } from "#functions/function";
import { deviceClientId } from "#shared/contracts/device-grant";
import { createPool, type Pool } from "#shared/http/pool";
import { createProtocolRequests } from "#shared/http/protocol-requests";
import { sessionLifetimes } from "#shared/usecases/session-store";
import { followSignInLink } from "#shared/usecases/sign-in-link";
import { type BrowserHouse, openBrowserHouse, origin } from "./browser-house.ts";

let browsers: BrowserHouse;
let deps: FunctionDeps;
beforeAll(async () => {
  browsers = await openBrowserHouse();
  deps = { ...browsers.house.deps, authenticate: () => Promise.reject(new Error("no token is sent here")) };
});
afterAll(async () => browsers?.[Symbol.asyncDispose]());

const form = { host: "localhost:8443", "content-type": "application/x-www-form-urlencoded" };
const peer = (address: string) => ({ address, certificate: undefined });

/** A form that begins to come and never ends, until `end`. */
function slowForm(pool: Pool) {
  let end = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("client_id="));
      end = () => controller.close();
    },
  });
  const request = new Request(`${origin}/auth/device`, { method: "POST", headers: form, body, duplex: "half" });
  return { answer: createSignIn({ ...deps, pool }).fetch(request, peer("192.0.2.1")), end: () => end() };
}

describe("a slow sender", () => {
  it("holds no place that somebody else needs", async () => {
    const pool = createPool(1);
    const slow = slowForm(pool);
    const asked = new Request(`${origin}/auth/methods`, { headers: { host: "localhost:8443" } });
    const other = await createSignIn({ ...deps, pool }).fetch(asked, peer("192.0.2.2"));
    expect([other.status, pool.rejected()]).toEqual([200, 0]);
    slow.end();
    expect((await slow.answer).status).toBe(401);
  });
});

describe("what is counted", () => {
  const counted = (protocolRequests = createProtocolRequests()) => ({
    app: createSignIn({ ...deps, protocolRequests, pool: createPool(8) }),
    all: () =>
      protocolRequests.all().map(([{ operation, decision, reason }, count]) => [operation, decision, reason, count]),
  });
  const post = (path: string, headers: Record<string, string>, body: string) =>
    new Request(`${origin}${path}`, { method: "POST", headers: { host: "localhost:8443", ...headers }, body });

  it("is every sign-in and every refusal by its reason, in words of our own", async () => {
    const { app, all } = counted();
    const json = { "content-type": "application/json" };
    const body = JSON.stringify({ secret: await browsers.link() });
    await app.fetch(post("/auth/local", { ...json, "sec-fetch-site": "same-site" }, body), peer("192.0.2.3"));
    await app.fetch(post("/auth/local", json, body), peer("192.0.2.3"));
    await app.fetch(post("/auth/local", json, body), peer("192.0.2.3"));
    const begun = await app.fetch(post("/auth/device", form, `client_id=${deviceClientId}`), peer("192.0.2.3"));
    expect(begun.status).toBe(200);
    const callback = new Request(`${origin}/auth/oidc/nobody/callback?state=x`, {
      headers: { host: "localhost:8443" },
    });
    await app.fetch(callback, peer("192.0.2.3"));
    expect(all()).toEqual([
      ["link", "deny", "csrf", 1],
      ["link", "allow", undefined, 1],
      ["link", "deny", "unauthenticated", 1],
      ["device-begin", "allow", undefined, 1],
      ["provider", "deny", "not_found", 1],
    ]);
  });

  it("is a program that waits as one that waits, and what nobody asks to sign in by not at all", async () => {
    const { app, all } = counted();
    const begun = await app.fetch(post("/auth/device", form, `client_id=${deviceClientId}`), peer("192.0.2.4"));
    const { device_code } = (await begun.json()) as { device_code: string };
    const asked = `client_id=${deviceClientId}&device_code=${device_code}&grant_type=urn:ietf:params:oauth:grant-type:device_code`;
    await app.fetch(post("/auth/device/token", form, asked), peer("192.0.2.4"));
    await app.fetch(new Request(`${origin}/auth/session`, { headers: { host: "localhost:8443" } }), peer("192.0.2.4"));
    expect(all()).toEqual([
      ["device-begin", "allow", undefined, 1],
      ["device-token", "pending", "authorization_pending", 1],
    ]);
  });
});

describe("a page that nobody is at", () => {
  const step = 5 * 60_000;
  const afterIdle = async (headers: Record<string, string>): Promise<number> => {
    const { cookie } = await browsers.signedIn();
    for (let at = 0; at < sessionLifetimes.idleMs; at += step) {
      browsers.house.advance(step);
      for (const path of ["/api/v1/owners", "/auth/session"]) await browsers.ask("GET", path, { cookie, ...headers });
    }
    browsers.house.advance(1);
    return (await browsers.ask("GET", "/auth/session", { cookie })).status;
  };

  it("does not keep its session from being idle, however often it asks", async () => {
    expect(await afterIdle({ "x-unattended": "1" })).toBe(401);
    expect(await afterIdle({})).toBe(200);
  });
});

describe("a link for the tenant of an evaluation host", () => {
  const subjectOfLink = async (evaluation: FunctionDeps["evaluation"], body: object): Promise<string> => {
    const admin = createAdminApp({ ...deps, ...(evaluation !== undefined && { evaluation }), pool: createPool(1) });
    const asked = new Request("http://localhost/admin/sign-in-links", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const { url } = (await (await admin.fetch(asked)).json()) as { url: string };
    const cookie = await followSignInLink(deps, url.split("#sign-in=")[1] ?? "");
    const answer = await browsers.ask("GET", "/auth/session", { cookie: `__Host-trstctl-8443=${cookie}` });
    return ((await answer.json()) as { subject: string }).subject;
  };
  const evaluation = { tenant: "acme", subject: "local-admin", scopes: ["*"] };

  it("is of who works there, so that it can show again who is signed in; elsewhere it is the host's", async () => {
    expect(await subjectOfLink(evaluation, {})).toBe("local-admin");
    expect(await subjectOfLink(evaluation, { tenant: "acme" })).toBe("local-admin");
    expect(await subjectOfLink(evaluation, { tenant: "beta" })).toBe("host-admin");
    expect(await subjectOfLink(undefined, { tenant: "acme" })).toBe("host-admin");
    expect(await subjectOfLink(evaluation, { tenant: "acme", subject: "ada" })).toBe("ada");
  });
});
