/** Sign-in while the provider, its name or its keys are not what they were: over the real egress, DNS and TLS. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { publishedMs } from "#shared/adapters/oidc/published";
import type { House } from "#test/in-process/house";
import { newSigningKey } from "#test/oidc/hostile-provider";
import { type Answer, openScene, openSignInHouse, type Scene } from "#test/oidc/house";

let house: House;
let scene: Scene;
beforeAll(async () => {
  house = await openSignInHouse();
});
beforeEach(async () => {
  house.reported.length = 0;
  scene = await openScene(house, [{ subject: "ada", tenant: "acme", roles: ["admin"] }]);
});
afterEach(async () => scene[Symbol.asyncDispose]());
afterAll(async () => house[Symbol.asyncDispose]());

const start = () => scene.ask("/auth/oidc/idp/start");
const backFrom = (begun: Answer): Promise<Answer> => {
  const query = scene.provider.signIn(begun.headers.get("location") ?? "", { sub: "ada" });
  return scene.ask(`/auth/oidc/idp/callback?${query.toString()}`, { headers: { cookie: begun.cookie ?? "" } });
};
const signIn = async (): Promise<Answer> => backFrom(await start());
const count = (path: string): number => scene.provider.asked.filter((line) => line === path).length;
const unreachable = (answer: Answer) => [answer.status, answer.reason, answer.headers.get("retry-after")];

/** How often a key set was asked for. */
const keySets = (): number => count("GET /keys");

describe("keys", () => {
  it("rotate: a token of a key that is not known yet has them fetched again", async () => {
    expect((await signIn()).status).toBe(303);
    scene.provider.keys.push(await newSigningKey("second"));
    scene.provider.keys.shift();
    house.advance(publishedMs.between);
    expect((await signIn()).status).toBe(303);
    expect(keySets()).toBe(2);
  });

  it("are not fetched for each token with an unknown kid: at a bounded rate", async () => {
    await signIn();
    for (let token = 0; token < 5; token++) {
      const form = `logout_token=${await scene.provider.logoutToken({ iss: "x" }, { kid: `unknown-${token}` })}`;
      expect((await scene.ask("/auth/oidc/idp/backchannel-logout", { form })).status).toBe(400);
    }
    expect(keySets()).toBe(1);
    house.advance(publishedMs.between);
    for (let token = 0; token < 5; token++) {
      const form = `logout_token=${await scene.provider.logoutToken({ iss: "x" }, { kid: `unknown-${token}` })}`;
      await scene.ask("/auth/oidc/idp/backchannel-logout", { form });
    }
    expect(keySets()).toBe(2);
  });

  it("that were withdrawn are no longer taken when what is kept has ended", async () => {
    await signIn();
    scene.provider.keys.unshift(await newSigningKey("second"));
    const [, first] = scene.provider.keys;
    if (first === undefined) throw new Error("there is no key");
    const { jwk } = first;
    (first as { jwk: object }).jwk = { ...jwk, kid: "withdrawn" };
    house.advance(publishedMs.use);
    expect((await signIn()).reason).toBe("not_proven");
  });

  it("and metadata are fetched once for all who wait, and kept to their end", async () => {
    await Promise.all(Array.from({ length: 5 }, start));
    await start();
    expect(count("GET /.well-known/openid-configuration")).toBe(1);
    house.advance(publishedMs.use);
    await start();
    expect(count("GET /.well-known/openid-configuration")).toBe(2);
  });
});

describe("a provider", () => {
  it("that is down is said to be, is asked again at a bounded rate, and is used when it is back", async () => {
    scene.provider.bent = (_, response) => {
      response.destroy();
      return true;
    };
    expect(unreachable(await start())).toEqual([503, "provider_unreachable", "60"]);
    expect(unreachable(await start())).toEqual([503, "provider_unreachable", "60"]);
    expect(scene.provider.asked).toHaveLength(1);
    expect(String((house.reported[0] as Error).cause)).toContain("idp.test");
    scene.provider.bent = undefined;
    house.advance(publishedMs.between);
    expect((await start()).status).toBe(303);
  });

  it("that goes down while the person is there leaves nobody signed in", async () => {
    const begun = await start();
    scene.provider.bent = (request, response) => {
      if (request.url === "/token") response.writeHead(503).end();
      return request.url === "/token";
    };
    const answer = await backFrom(begun);
    expect([...unreachable(answer), answer.cookie]).toEqual([503, "provider_unreachable", "60", undefined]);
  });

  it.each<[string, string]>([
    ["that answers without end", "/.well-known/openid-configuration"],
    ["whose keys have no end", "/keys"],
    ["whose token answer has no end", "/token"],
  ])("%s is cut off", async (_, path) => {
    scene.provider.bent = (request, response) => {
      if (request.url !== path) return false;
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        if (!response.destroyed) response.write(`"${"x".repeat(65_536)}`, () => setImmediate(more));
      };
      more();
      return true;
    };
    const begun = await start();
    const answer = begun.status === 303 ? await backFrom(begun) : begun;
    expect(unreachable(answer)).toEqual([503, "provider_unreachable", "60"]);
  });

  it("that is slow holds up nobody who asks for a session", async () => {
    scene.provider.bent = () => true; // never answers
    const waiting = Array.from({ length: 40 }, start);
    const answers = await Promise.all(Array.from({ length: 8 }, async () => (await scene.ask("/auth/session")).status));
    expect(answers).toEqual(Array.from({ length: 8 }, () => 401));
    const refused = (await Promise.all(waiting)).map(({ status, reason }) => `${status} ${reason}`);
    expect(new Set(refused)).toEqual(new Set(["503 provider_unreachable", "503 overloaded"]));
  }, 20_000);

  it.each<[string, { readonly issuer?: string; readonly [name: string]: unknown }]>([
    ["calls itself otherwise", { issuer: "https://elsewhere.test" }],
    ["has a slash at its end that the operator did not write", { issuer: "/" }],
    ["has no token endpoint", { token_endpoint: undefined }],
    ["has its keys at plain HTTP", { jwks_uri: "http://idp.test/keys" }],
    ["sends people to plain HTTP", { authorization_endpoint: "http://idp.test/authorize" }],
    ["sends people to a script", { authorization_endpoint: "javascript:alert(1)" }],
  ])("that %s is not used", async (_, change) => {
    Object.assign(scene.provider.metadata, change.issuer === "/" ? { issuer: `${scene.provider.issuer}/` } : change);
    const answer = await start();
    expect([answer.status, answer.reason]).toEqual([503, "provider_wrong"]);
  });

  it("does not send us elsewhere: its redirects are not followed", async () => {
    scene.provider.bent = (_, response) => {
      response.writeHead(302, { location: `${scene.other.issuer}/.well-known/openid-configuration` }).end();
      return true;
    };
    expect((await start()).status).toBe(503);
    expect(scene.other.asked).toEqual([]);
  });

  it("that does not know our secret is the operator's to mend, and the page says so", async () => {
    scene.provider.bent = (request, response) => {
      if (request.url !== "/token") return false;
      response.writeHead(401, { "content-type": "application/json", "www-authenticate": 'Basic realm="x"' });
      response.end('{"error":"invalid_client"}');
      return true;
    };
    const answer = await signIn();
    expect([answer.status, answer.reason]).toEqual([503, "client_refused"]);
    expect(JSON.stringify(house.reported.map(String))).not.toContain(scene.provider.clientSecret);
  });
});

describe("signing out at the provider", () => {
  const end = () => scene.ask("/auth/oidc/idp/end-session");
  it("goes to the place that it names, and back to ours", async () => {
    Object.assign(scene.provider.metadata, { end_session_endpoint: `${scene.provider.issuer}/end?x=y` });
    const answer = await end();
    expect(Object.fromEntries(new URL(answer.headers.get("location") ?? "").searchParams)).toEqual({
      x: "y",
      client_id: "trstctl",
      post_logout_redirect_uri: "https://localhost:8443/",
    });
  });

  it.each([undefined, "javascript:alert(1)", "http://idp.test/end"])("does not go to %s", async (place) => {
    Object.assign(scene.provider.metadata, { end_session_endpoint: place });
    expect((await end()).status).toBe(404);
  });
});

describe("DNS rebinding", () => {
  it("a provider's name that comes to mean a metadata address, or one that nobody listed, is not asked", async () => {
    for (const address of ["169.254.169.254", "10.1.2.3"]) {
      scene.dns.set("idp.test", "A", address);
      const answer = await start();
      expect([address, answer.status, answer.reason]).toEqual([address, 503, "provider_unreachable"]);
      house.advance(publishedMs.between);
    }
    expect(scene.provider.asked).toEqual([]);
  });

  it("between the metadata and the code: the code is not sent there", async () => {
    const begun = await start();
    scene.dns.set("idp.test", "A", "10.1.2.3");
    expect((await backFrom(begun)).reason).toBe("provider_unreachable");
    expect(count("POST /token")).toBe(0);
  });

  it("who answers at the name without its key gets no code: TLS is held to the operator's authorities", async () => {
    const begun = await start();
    const before = scene.provider.asked.length;
    scene.provider.impersonate();
    expect((await backFrom(begun)).reason).toBe("provider_unreachable");
    expect(scene.provider.asked.slice(before)).toEqual([]);
  });

  it("of our own name: another Host or Origin is refused", async () => {
    for (const headers of [{ host: "evil.test" }, { origin: "https://evil.test" }] as Record<string, string>[])
      expect((await scene.ask("/auth/oidc/idp/start", { headers })).status).toBe(421);
  });
});
