/** Grave operations want a session that showed lately who is there: which ones, what does not count, and who may show it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation, When } from "#shared/contracts/operation";
import { operations } from "#shared/contracts/operations";
import { stepUpMaxAgeMs } from "#shared/http/step-up";
import { mintToken } from "#shared/usecases/tokens";
import { type Browser, type BrowserHouse, cookieValue, openBrowserHouse, origin } from "./browser-house.ts";
import { adminCall } from "./house.ts";

let browsers: BrowserHouse;
beforeAll(async () => {
  browsers = await openBrowserHouse();
});
afterAll(async () => browsers[Symbol.asyncDispose]());

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly reason?: string;
}
const problemOf = async (answer: Response): Promise<Problem> => (await answer.json()) as Problem;
const reasonOf = async (answer: Response): Promise<string | undefined> =>
  answer.status === 204 ? undefined : (await problemOf(answer)).reason;

const grave = operations.filter(({ stepUp }) => stepUp !== undefined && stepUp !== false);

/** Its example, as it is grave. */
const bodyOf = ({ example, body, stepUp }: Operation): object | undefined => {
  if (body === undefined) return undefined;
  const when = stepUp as When;
  if (when === true) return example?.body ?? {};
  const value = Array.isArray(example?.body?.[when.field]) ? [when.values[0]] : when.values[0];
  return { ...example?.body, [when.field]: value };
};

const pathOf = ({ path, example }: Operation): string =>
  `/api/v1${path.replace(/\{(\w+)\}/g, (_, name: string) => example?.params?.[name] ?? "")}`;

const tried = (operation: Operation, headers: Browser["headers"], body = bodyOf(operation)): Promise<Response> =>
  browsers.ask(operation.method, pathOf(operation), headers, body);

/** A session whose person showed who they are a moment too long ago. */
async function oldSession(): Promise<Browser> {
  const browser = await browsers.signedIn();
  browsers.house.advance(stepUpMaxAgeMs + 1);
  return browser;
}

const lanes = async (): Promise<unknown> => (await browsers.house.deps.log.heads("acme")).map(({ seq }) => seq);

it("the list is the one that was decided", () => {
  expect(grave.map(({ id }) => id).sort()).toEqual([
    "access.create-token",
    "access.offboard-member",
    "access.put-member",
    "access.revoke-token",
    "audit.prune",
    "certificates.revoke",
    "enrolment-credentials.delete",
    "enrolment-endpoints.delete",
    "identities.transition",
    "issuers.retire",
    "revocations.create",
  ]);
});

describe.each(grave.map((operation) => [operation.id, operation] as const))("%s", (_, operation) => {
  it("is refused to an old session, and changes nothing; to a fresh one and to a token it is not", async () => {
    const old = await oldSession();
    const before = await lanes();
    const refused = await tried(operation, old.headers);
    expect(refused.status).toBe(403);
    expect(await problemOf(refused)).toMatchObject({
      code: "forbidden",
      reason: "step_up_required",
      max_age: 300,
      method: "local",
      detail: expect.stringContaining("npx trstctl console") as string,
    });
    expect(await lanes()).toEqual(before);
    const fresh = await browsers.signedIn();
    browsers.house.advance(stepUpMaxAgeMs);
    expect(await reasonOf(await tried(operation, fresh.headers))).not.toBe("step_up_required");
    const { token } = await mintToken(browsers.house.deps, adminCall("acme"), {
      subject: "robot",
      scopes: ["*"],
      expiresAt: undefined,
    });
    const byToken = await tried(operation, { authorization: `Bearer ${token}`, cookie: old.cookie });
    expect(byToken.status).not.toBe(401);
    expect(await reasonOf(byToken)).not.toBe("step_up_required");
  });
});

describe("an old session", () => {
  const revoke = operations.find(({ id }) => id === "certificates.revoke") as Operation;

  it.each<[string, Browser["headers"], number]>([
    ["a token that opens nothing", { authorization: `Bearer trst_${"a".repeat(16)}_${"A".repeat(43)}` }, 401],
    ["another scheme", { authorization: "Basic YWRhOmFkYQ==" }, 401],
    ["an empty Authorization", { authorization: "" }, 401],
    ["claims of its own", { "x-authenticated-at": new Date().toISOString(), "x-step-up": "1" }, 403],
    ["words of a proxy", { "x-forwarded-user": "ada", forwarded: "for=127.0.0.1", via: "1.1 own" }, 403],
    ["another method in a header", { "x-http-method-override": "GET" }, 403],
  ])("gets nothing done with %s beside it", async (__, more, status) => {
    const { headers } = await oldSession();
    const before = await lanes();
    const answer = await tried(revoke, { ...headers, ...more });
    expect(answer.status).toBe(status);
    if (status === 403) expect(await reasonOf(answer)).toBe("step_up_required");
    expect(await lanes()).toEqual(before);
  });

  it("does not become fresh by being used", async () => {
    const { headers } = await browsers.signedIn();
    for (let minute = 0; minute < 6; minute++) {
      browsers.house.advance(61_000);
      expect((await browsers.ask("GET", "/api/v1/owners", headers)).status).toBe(200);
    }
    expect(await reasonOf(await tried(revoke, headers))).toBe("step_up_required");
  });

  it("reads on, and changes what is not grave", async () => {
    const { headers } = await oldSession();
    expect((await browsers.ask("GET", "/api/v1/access/members", headers)).status).toBe(200);
    const owner = await browsers.ask("POST", "/api/v1/owners", headers, { kind: "team", name: "x" });
    expect(owner.status).toBe(201);
    const narrow = { subject: "reader", scopes: ["owners:read"] };
    expect((await browsers.ask("POST", "/api/v1/access/api-tokens", headers, narrow)).status).toBe(201);
    const mixed = { subject: "reader", scopes: ["owners:read", "certs:issue"] };
    expect(await reasonOf(await browsers.ask("POST", "/api/v1/access/api-tokens", headers, mixed))).toBe(
      "step_up_required",
    );
  });

  it("is told first what it may not do at all, and what is wrong with the request", async () => {
    const viewer = await browsers.byProvider({ subject: "example:viewer", scopes: ["certs:read"] });
    browsers.house.advance(stepUpMaxAgeMs + 1);
    expect(await problemOf(await tried(revoke, viewer.headers))).toMatchObject({ missing: ["certs:issue"] });
    const { headers } = await oldSession();
    expect((await tried(revoke, headers, { reason: "nonsense" })).status).toBe(400);
  });

  it("of a provider is told to go there", async () => {
    const { headers } = await browsers.byProvider();
    browsers.house.advance(stepUpMaxAgeMs + 1);
    expect(await problemOf(await tried(revoke, headers))).toMatchObject({
      reason: "step_up_required",
      method: "oidc",
      provider: "example",
      detail: expect.stringContaining("/auth/oidc/example/start?step_up=1") as string,
    });
  });

  it("is one whose provider knew the person from before, however new it is itself", async () => {
    const authenticatedAt = browsers.house.deps.clock.now() - stepUpMaxAgeMs - 1;
    const { headers } = await browsers.byProvider({ authenticatedAt });
    expect(await reasonOf(await tried(revoke, headers))).toBe("step_up_required");
  });
});

describe("showing again who one is", () => {
  const stepUp = (headers: Browser["headers"], secret: string): Promise<Response> =>
    browsers.ask("POST", "/auth/local", headers, { secret, step_up: true });
  const sessionOf = async ({ cookie }: Pick<Browser, "cookie">) =>
    (await (await browsers.ask("GET", "/auth/session", { cookie })).json()) as Record<string, unknown>;

  it("lets the same request through, in the same session with another secret", async () => {
    const old = await oldSession();
    const owner = { roles: ["viewer"] };
    const put = (browser: Browser) =>
      browsers.ask("PUT", "/api/v1/access/members/eve", { ...browser.headers, "idempotency-key": "eve-key-1" }, owner);
    expect((await put(old)).status).toBe(403);
    const answer = await stepUp(old.headers, await browsers.link());
    expect(answer.status).toBe(204);
    const renewed = await browsers.with(cookieValue(answer));
    expect(renewed.cookie).not.toBe(old.cookie);
    expect(renewed.csrf).not.toBe(old.csrf);
    expect((await put(renewed)).status).toBe(200);
    expect(await sessionOf(renewed)).toMatchObject({ subject: "ada", scopes: ["*"], method: "local", provider: null });
  });

  it("leaves nothing to who knew the old cookie or its CSRF token (fixation)", async () => {
    const old = await oldSession();
    const renewed = await browsers.with(cookieValue(await stepUp(old.headers, await browsers.link())));
    expect((await browsers.ask("GET", "/auth/session", { cookie: old.cookie })).status).toBe(401);
    expect((await browsers.ask("GET", "/api/v1/owners", { cookie: old.cookie })).status).toBe(401);
    const owner = { kind: "team", name: "x" };
    const mixed = { ...renewed.headers, "x-csrf-token": old.csrf };
    expect((await browsers.ask("POST", "/api/v1/owners", mixed, owner)).status).toBe(403);
    expect((await browsers.ask("POST", "/api/v1/owners", renewed.headers, owner)).status).toBe(201);
  });

  it.each<[string, () => Promise<string>]>([
    ["another subject", () => browsers.link("acme", "mallory")],
    ["the same subject in another tenant", () => browsers.link("beta", "ada")],
  ])("is refused to %s: nothing has changed, and the link is used up", async (_, make) => {
    const old = await oldSession();
    const before = await sessionOf(old);
    const secret = await make();
    const answer = await stepUp(old.headers, secret);
    expect([answer.status, answer.headers.get("set-cookie")]).toEqual([403, null]);
    expect(await problemOf(answer)).toMatchObject({ reason: "another_person" });
    expect(await sessionOf(old)).toEqual(before);
    expect((await browsers.ask("POST", "/auth/local", {}, { secret })).status).toBe(401);
  });

  it("is refused to a link where a provider vouched for the session, whatever it calls its person", async () => {
    const old = await browsers.byProvider({ subject: "ada" });
    const answer = await stepUp(old.headers, await browsers.link("acme", "ada"));
    expect(await problemOf(answer)).toMatchObject({ reason: "another_person" });
  });

  it.each<[string, (old: Browser) => Browser["headers"], number]>([
    ["without a session", () => ({ origin }), 401],
    ["without its CSRF token", ({ cookie }) => ({ cookie, origin }), 403],
    ["from another page of this machine", ({ headers }) => ({ ...headers, "sec-fetch-site": "same-site" }), 403],
  ])("is refused %s", async (_, headers, status) => {
    const old = await oldSession();
    expect((await stepUp(headers(old), await browsers.link())).status).toBe(status);
    expect((await browsers.ask("GET", "/auth/session", { cookie: old.cookie })).status).toBe(200);
  });

  it("cannot be done with a link that was used, or is too old", async () => {
    const old = await oldSession();
    const secret = await browsers.link();
    const { headers } = await browsers.with(cookieValue(await stepUp(old.headers, secret)));
    expect((await stepUp(headers, secret)).status).toBe(401);
  });
});
