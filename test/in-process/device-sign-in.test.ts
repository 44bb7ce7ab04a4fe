/** The device authorization grant (RFC 8628) over the real store: who gets the token, who does not, and what guessing brings. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deviceClientId, deviceGrantType } from "#shared/contracts/device-grant";
import { deviceCodeMs } from "#shared/usecases/device-sign-in";
import { openSession } from "#shared/usecases/sessions";
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

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;
type Headers = Record<string, string>;
interface Said {
  readonly status: number;
  readonly headers: Response["headers"];
  readonly json: Json;
}

let address = 0;
/** Each of these its own, so that one test's requests are not counted as another's. */
const newAddress = () => `192.0.2.${++address}`;

async function ask(
  method: string,
  path: string,
  headers: Headers = {},
  body?: object | string,
  from = newAddress(),
): Promise<Said> {
  const form = typeof body === "string";
  const type = form ? "application/x-www-form-urlencoded" : "application/json";
  const request = new Request(`${origin}${path}`, {
    method,
    headers: { host: "localhost:8443", ...(body !== undefined && { "content-type": type }), ...headers },
    ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
  });
  const answer = path.startsWith("/auth/")
    ? await signIn.fetch(request, { address: from, certificate: undefined })
    : await api.fetch(request);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === "" ? undefined : JSON.parse(text) };
}

const formOf = (fields: Record<string, string>) =>
  new URLSearchParams({ client_id: deviceClientId, ...fields }).toString();
const begin = async (fields: Record<string, string> = {}, from?: string) =>
  ask("POST", "/auth/device", {}, formOf(fields), from);
const poll = (code: string, fields: Record<string, string> = {}) =>
  ask("POST", "/auth/device/token", {}, formOf({ grant_type: deviceGrantType, device_code: code, ...fields }));

interface Person {
  readonly cookie: string;
  readonly csrf: string;
}

async function person(subject = "ada", tenant = "acme", scopes: readonly string[] = ["*"]): Promise<Person> {
  const value = await openSession(house.deps, {
    tenant,
    subject,
    name: null,
    method: "local",
    provider: null,
    sid: null,
    roles: [],
    scopes,
  });
  const cookie = `__Host-trstctl-8443=${value}`;
  return { cookie, csrf: (await ask("GET", "/auth/session", { cookie })).json.csrf_token };
}

const look = ({ cookie }: Person, code: string) =>
  ask("GET", `/auth/device/request?user_code=${encodeURIComponent(code)}`, { cookie });
const decide = ({ cookie, csrf }: Person, user_code: string, approve: boolean, headers: Headers = {}) =>
  ask("POST", "/auth/device/decision", { cookie, origin, "x-csrf-token": csrf, ...headers }, { user_code, approve });

/** Everything as it should go. */
async function signedIn(who: Person, fields: Record<string, string> = {}): Promise<Json> {
  const { json } = await begin(fields);
  expect((await decide(who, json.user_code, true)).status).toBe(200);
  const { status, json: token } = await poll(json.device_code);
  expect(status).toBe(200);
  return token;
}

describe("a program that signs in", () => {
  it("waits, and has the token of who says yes, once", async () => {
    const ada = await person();
    const asked = await begin({ client_name: "trstctl on laptop", scope: "certs:read owners:read" });
    expect(asked).toMatchObject({ status: 200, json: { expires_in: 600, interval: 5 } });
    const { device_code, user_code, verification_uri, verification_uri_complete } = asked.json;
    expect(user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(verification_uri_complete).toBe(`${verification_uri}?user_code=${user_code}`);
    expect(await poll(device_code)).toMatchObject({ status: 400, json: { error: "authorization_pending" } });
    expect((await look(ada, user_code)).json).toMatchObject({
      user_code,
      client: "trstctl on laptop",
      scopes: ["certs:read", "owners:read"],
      refused_scopes: [],
      token_lifetime: 43_200,
      state: "pending",
    });
    expect(await decide(ada, user_code.toLowerCase().replace("-", ""), true)).toMatchObject({
      status: 200,
      json: { state: "approved" },
    });
    const granted = await poll(device_code);
    expect(granted).toMatchObject({
      status: 200,
      json: { token_type: "Bearer", expires_in: 43_200, scope: "certs:read owners:read", tenant: "acme" },
    });
    expect(granted.headers.get("cache-control")).toBe("no-store");
    const authorization = `Bearer ${granted.json.access_token}`;
    expect((await ask("GET", "/api/v1/owners", { authorization })).status).toBe(200);
    expect((await ask("GET", "/api/v1/issuers", { authorization })).status).toBe(403);
    expect(await poll(device_code)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect((await ask("GET", "/auth/token", { authorization })).json).toMatchObject({
      id: granted.json.token_id,
      tenant: "acme",
      subject: "ada",
      client: "trstctl on laptop",
    });
    // Listed, and its making is an event of the person.
    const list = await ask("GET", "/api/v1/access/api-tokens", { cookie: ada.cookie });
    expect(list.json.items).toContainEqual(
      expect.objectContaining({ id: granted.json.token_id, client: "trstctl on laptop", created_by: "ada" }),
    );
  });

  it("gets one token however many ask at the same time", async () => {
    const { json } = await begin();
    await decide(await person(), json.user_code, true);
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(json.device_code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map((answer) => answer.json.error))).toEqual(
      new Set(["invalid_grant"]),
    );
  });

  it("is denied when the person says no, and a yes after it is refused", async () => {
    const ada = await person();
    const { json } = await begin();
    expect((await decide(ada, json.user_code, false)).json.state).toBe("denied");
    expect((await decide(ada, json.user_code, true)).status).toBe(409);
    expect((await poll(json.device_code)).json.error).toBe("access_denied");
  });

  it("is told to slow down when it polls too early, and by more each time", async () => {
    const { json } = await begin();
    await poll(json.device_code);
    expect((await poll(json.device_code)).json.error).toBe("slow_down");
    house.advance(5_000);
    expect((await poll(json.device_code)).json.error).toBe("slow_down");
    house.advance(15_000);
    expect((await poll(json.device_code)).json.error).toBe("authorization_pending");
  });

  it("is told that its code is over, also when it was approved and never fetched", async () => {
    const ada = await person();
    const { json: waiting } = await begin();
    const { json: approved } = await begin();
    await decide(ada, approved.user_code, true);
    house.advance(deviceCodeMs + 1);
    expect((await poll(waiting.device_code)).json.error).toBe("expired_token");
    expect((await poll(approved.device_code)).json.error).toBe("expired_token");
    expect((await look(await person(), waiting.user_code)).status).toBe(404);
  });

  it("never gets more than the person holds", async () => {
    const viewer = await person("vera", "acme", ["certs:read"]);
    const { json } = await begin({ scope: "certs:read certs:issue" });
    expect((await look(viewer, json.user_code)).json).toMatchObject({
      scopes: ["certs:read"],
      refused_scopes: ["certs:issue"],
    });
    await decide(viewer, json.user_code, true);
    expect((await poll(json.device_code)).json.scope).toBe("certs:read");
    const { json: beyond } = await begin({ scope: "certs:issue" });
    expect(await decide(viewer, beyond.user_code, true)).toMatchObject({
      status: 403,
      json: { missing: ["certs:issue"] },
    });
    expect((await signedIn(viewer)).scope).toBe("certs:read");
  });

  it("speaks for the tenant of who said yes, whatever it sends", async () => {
    const bob = await person("bob", "beta");
    const token = await signedIn(bob, { tenant: "acme" });
    expect(token).toMatchObject({ tenant: "beta", subject: "bob" });
  });

  it("gets nothing once the person was offboarded between yes and token", async () => {
    const ada = await person();
    const change = (method: string, path: string, body: object) =>
      ask(
        method,
        `/api/v1/access/members/${path}`,
        { cookie: ada.cookie, origin, "x-csrf-token": ada.csrf, "idempotency-key": `key-of-${path}-${method}` },
        body,
      );
    expect((await change("PUT", "gone", { roles: ["viewer"] })).status).toBe(200);
    const gone = await person("gone");
    const { json } = await begin();
    expect((await decide(gone, json.user_code, true)).status).toBe(200);
    expect((await change("POST", "gone/offboard", {})).status).toBe(200);
    expect((await poll(json.device_code)).json.error).toBe("access_denied");
  });

  it("gets nothing once the session that said yes was ended, though its token was not fetched yet", async () => {
    const [ada, thief] = [await person(), await person()];
    const { json } = await begin({ client_name: "ended before it was fetched" });
    expect((await decide(thief, json.user_code, true)).status).toBe(200);
    const { items } = (await ask("GET", "/api/v1/sessions", { cookie: ada.cookie })).json;
    const { json: stolen } = await ask("GET", "/auth/session", { cookie: thief.cookie });
    expect(items.map(({ id }: Json) => id)).toContain(stolen.id);
    const headers = { cookie: ada.cookie, origin, "x-csrf-token": ada.csrf, "idempotency-key": "end-of-the-thief" };
    expect((await ask("DELETE", `/api/v1/sessions/${stolen.id}`, headers)).status).toBe(204);
    expect((await poll(json.device_code)).json.error).toBe("access_denied");
    const tokens = (await ask("GET", "/api/v1/access/api-tokens?limit=100", { cookie: ada.cookie })).json.items;
    expect(tokens.filter(({ client }: Json) => client === "ended before it was fetched")).toEqual([]);
  });

  it("has a token that ends when it said, at most thirty days", async () => {
    const { access_token } = await signedIn(await person(), { token_lifetime: "60" });
    const authorization = `Bearer ${access_token}`;
    house.advance(59_000);
    expect((await ask("GET", "/auth/token", { authorization })).status).toBe(200);
    house.advance(2_000);
    expect((await ask("GET", "/auth/token", { authorization })).status).toBe(401);
    expect((await begin({ token_lifetime: String(31 * 86_400) })).json.error).toBe("invalid_request");
  });

  it("ends its token itself (RFC 7009), and a second time is no error", async () => {
    const { access_token, token_id } = await signedIn(await person("vera", "acme", ["certs:read"]));
    const end = () => ask("POST", "/auth/revoke", {}, formOf({ token: access_token }));
    expect((await end()).status).toBe(200);
    expect((await ask("GET", "/auth/token", { authorization: `Bearer ${access_token}` })).status).toBe(401);
    expect((await end()).status).toBe(200);
    expect((await ask("POST", "/auth/revoke", {}, formOf({ token: "trst_x_y" }))).status).toBe(200);
    const { state } = await house.deps.log.load("acme", "token", token_id);
    expect(state).toMatchObject({ revoked_by: "vera", revocation_reason: "signed out" });
  });
});

describe("the person's yes", () => {
  it("needs a session, its CSRF token, and the console's own page", async () => {
    const ada = await person();
    const { json } = await begin();
    const refused = [
      await decide({ cookie: "", csrf: "" }, json.user_code, true),
      await decide({ ...ada, csrf: "" }, json.user_code, true),
      await decide({ ...ada, csrf: (await person()).csrf }, json.user_code, true),
      await decide(ada, json.user_code, true, { origin: "https://localhost:9999" }),
      await decide(ada, json.user_code, true, { "sec-fetch-site": "same-site" }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([401, 403, 403, 403, 403]);
    expect((await look({ cookie: "", csrf: "" }, json.user_code)).status).toBe(401);
    expect((await poll(json.device_code)).json.error).toBe("authorization_pending");
  });

  it("wants step-up for what minting such a token would, and not for a token that only reads", async () => {
    const ada = await person();
    house.advance(6 * 60_000);
    const { json } = await begin();
    expect(await decide(ada, json.user_code, true)).toMatchObject({
      status: 403,
      json: { reason: "step_up_required" },
    });
    const { json: reading } = await begin({ scope: "certs:read" });
    expect((await decide(ada, reading.user_code, true)).status).toBe(200);
    expect((await decide(ada, json.user_code, false)).status).toBe(200);
  });

  it("is one person's: another sees nothing of it and cannot take it over", async () => {
    const [ada, bob] = [await person("ada"), await person("bob", "beta")];
    const { json } = await begin();
    expect((await decide(ada, json.user_code, true)).status).toBe(200);
    expect((await decide(ada, json.user_code, true)).status).toBe(200); // the same again: the same
    expect((await look(bob, json.user_code)).status).toBe(404);
    expect((await decide(bob, json.user_code, true)).status).toBe(404);
    expect((await poll(json.device_code)).json).toMatchObject({ tenant: "acme", subject: "ada" });
    expect((await poll(json.device_code)).json.error).toBe("invalid_grant");
  });

  it("is one however many say it at the same time", async () => {
    const people = await Promise.all(["p1", "p2", "p3", "p4"].map((name) => person(name)));
    const { json } = await begin();
    const answers = await Promise.all(people.map((one) => decide(one, json.user_code, true)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404, 404, 404]);
  });

  it("is for ten wrong codes at most, and a right one costs nothing", async () => {
    const eve = await person("eve");
    const { json } = await begin();
    for (let at = 0; at < 12; at++) expect((await look(eve, json.user_code)).status).toBe(200);
    for (let at = 0; at < 10; at++) expect((await look(eve, `BBBB-BBB${"BCDFGHJKLM"[at] ?? ""}`)).status).toBe(404);
    const shut = await look(eve, json.user_code);
    expect([shut.status, shut.headers.get("retry-after")]).toEqual([429, "600"]);
    expect((await look(await person("eve"), json.user_code)).status).toBe(429); // another session of hers
    expect((await look(await person("ada"), json.user_code)).status).toBe(200);
    house.advance(deviceCodeMs + 1);
    expect((await look(await person("eve"), json.user_code)).status).toBe(404);
  });
});

describe("what anybody may ask", () => {
  it.each<[string, Record<string, string>, number, string]>([
    ["another client", { client_id: "evil" }, 401, "invalid_client"],
    ["a scope that there is not", { scope: "certs:read root" }, 400, "invalid_scope"],
    ["a name with what hides text", { client_name: "safe\u202egnihtemos" }, 400, "invalid_request"],
    ["a name over two lines", { client_name: "a\nb" }, 400, "invalid_request"],
    ["a token for a second", { token_lifetime: "1" }, 400, "invalid_request"],
  ])("%s is refused in OAuth's form", async (_, fields, status, error) => {
    const answer = await begin(fields);
    expect(answer).toMatchObject({ status, json: { error } });
    expect(Object.keys(answer.json).toSorted()).toEqual(["error", "error_description"]);
  });

  it("no JSON, no parameter twice, no other grant", async () => {
    expect((await ask("POST", "/auth/device", {}, { client_id: deviceClientId })).json.error).toBe("invalid_request");
    expect((await ask("POST", "/auth/device", {}, `${formOf({})}&client_id=x`)).json.error).toBe("invalid_request");
    const other = await poll("x", { grant_type: "password" });
    expect(other.json.error).toBe("unsupported_grant_type");
    expect((await poll("nonsense")).json.error).toBe("invalid_grant");
  });

  it("is bounded for an address, of IPv6 for its network, before anything is kept", async () => {
    const from = (at: number) => `2001:db8::${at.toString(16)}`;
    for (let at = 1; at <= 30; at++) expect((await begin({}, from(at))).status).toBe(200);
    const refused = await begin({}, from(31));
    expect(refused).toMatchObject({ status: 429, json: { error: "temporarily_unavailable" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await begin({}, "2001:db8:0:1::1")).status).toBe(200);
  });

  it("writes no event, whoever's log one looks at", async () => {
    const heads = async () =>
      JSON.stringify(await Promise.all(["acme", "beta", "system"].map((tenant) => house.deps.log.heads(tenant))));
    const before = await heads();
    const { json } = await begin();
    await poll(json.device_code);
    await begin({ client_id: "evil" });
    await ask("POST", "/auth/revoke", {}, formOf({ token: "trst_x_y" }));
    expect(await heads()).toBe(before);
  });
});
