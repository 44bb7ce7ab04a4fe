/** Sign-in by a provider, step by step, and what is tried against it: the provider and its keys are the attacker's here. */
import { createHash } from "node:crypto";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { transactionMs } from "#shared/usecases/provider-sign-in";
import type { House } from "#test/in-process/house";
import { type Answer, openScene, openSignInHouse, origin, type Scene } from "#test/oidc/house";
import { newSigningKey, type Person, publicPem } from "#test/oidc/hostile-provider";

const ada: Person = { sub: "ada" };
let house: House;
let scene: Scene;

beforeAll(async () => {
  house = await openSignInHouse();
  scene = await openScene(house, [
    { subject: "ada", tenant: "acme", roles: ["admin"] },
    { subject: "bob", tenant: "beta", roles: ["viewer"] },
    { subject: "lost", tenant: "gone", roles: ["viewer"] },
    { subject: "odd|one", tenant: "acme", roles: ["viewer"] },
  ]);
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});
const provided = () => scene.provider;

/** Sends the browser away. */
async function begin(query = "", headers: Record<string, string> = {}, id = "idp") {
  const answer = await scene.ask(`/auth/oidc/${id}/start${query}`, { headers });
  return { answer, url: answer.headers.get("location") ?? "", cookie: answer.cookie ?? "" };
}

const back = (answer: URLSearchParams, cookie: string, id = "idp"): Promise<Answer> =>
  scene.ask(`/auth/oidc/${id}/callback?${answer.toString()}`, { headers: { cookie } });

async function signIn(person: Person, query = ""): Promise<Answer> {
  const { url, cookie } = await begin(query);
  return back(provided().signIn(url, person), cookie);
}

async function whoIs(cookie: string | undefined): Promise<Record<string, unknown> | undefined> {
  const answer = await scene.ask("/auth/session", { headers: { cookie: cookie ?? "" } });
  return answer.status === 200 ? (JSON.parse(answer.text) as Record<string, unknown>) : undefined;
}

describe("a sign-in", () => {
  it("sends the browser away with all that binds the answer to it, and ends in a session of the mapped tenant", async () => {
    const { answer, url, cookie } = await begin("?return_to=/certificates%3Fq=x");
    expect(answer.status).toBe(303);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-trstctl-8443-sign-in=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({
      response_type: "code",
      client_id: "trstctl",
      redirect_uri: `${origin}/auth/oidc/idp/callback`,
      scope: "openid profile email",
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked[name]).toMatch(/^[\w-]{43}$/);
    const done = await back(provided().signIn(url, { sub: "ada", claims: { name: "Ada" } }), cookie);
    expect([done.status, done.headers.get("location")]).toEqual([303, `${origin}/certificates?q=x`]);
    expect(done.headers.get("set-cookie")).toMatch(
      /^__Host-trstctl-8443=acme\.\S+; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(await whoIs(done.cookie)).toMatchObject({
      tenant: "acme",
      subject: "idp:ada",
      name: "Ada",
      method: "oidc",
      roles: ["admin"],
    });
    expect(await whoIs((await signIn({ sub: "bob" })).cookie)).toMatchObject({ tenant: "beta", roles: ["viewer"] });
  });

  it("works in several tabs of one browser at once, and the cookie stays short", async () => {
    const first = await begin();
    const second = await begin("", { cookie: first.cookie });
    expect((await back(provided().signIn(first.url, ada), second.cookie)).status).toBe(303);
    expect((await back(provided().signIn(second.url, ada), second.cookie)).status).toBe(303);
    let cookie = "";
    for (let tab = 0; tab < 9; tab++) cookie = (await begin("", { cookie })).cookie;
    expect(cookie.split(".")).toHaveLength(4);
  });

  it("gives a subject that is no id of ours another name, which nobody else has", async () => {
    const who = await whoIs((await signIn({ sub: "odd|one" })).cookie);
    expect(who?.["subject"]).toMatch(/^idp::[0-9a-f]{64}$/);
  });

  it("moves a browser that came by another of our names to the public URL first", async () => {
    const answer = await scene.ask("https://trstctl.localhost:8443/auth/oidc/idp/start?return_to=/audit", {});
    expect(answer.headers.get("location")).toBe(`${origin}/auth/oidc/idp/start?return_to=%2Faudit&moved=1`);
    expect(answer.cookie).toBeUndefined();
  });
});

describe("who is not let in", () => {
  it.each([
    ["nobody knows", "eve", 403, "unmapped"],
    ["belongs to a tenant that is not here", "lost", 403, "no_such_tenant"],
  ])("is who %s", async (_, sub, status, reason) => {
    const answer = await signIn({ sub });
    expect([answer.status, answer.reason, answer.cookie]).toEqual([status, reason, undefined]);
  });

  it("reads why in a page, in words, with a way on", async () => {
    const { url, cookie } = await begin();
    const query = provided().signIn(url, { sub: "eve" });
    const answer = await scene.ask(`/auth/oidc/idp/callback?${query.toString()}`, {
      headers: { cookie, accept: "text/html,*/*" },
    });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([403, "text/html; charset=utf-8"]);
    expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
    expect(answer.text).toContain("Example ID knows you as eve, but nobody has said which tenant here you belong to");
    expect(answer.text).toContain('href="/auth/oidc/idp/start?choose=1"');
  });

  it("is not believed in what they are called: the page has it as text", async () => {
    const { url, cookie } = await begin();
    const query = provided().signIn(url, { sub: '<img src=x onerror="alert(1)">' });
    const answer = await scene.ask(`/auth/oidc/idp/callback?${query.toString()}`, {
      headers: { cookie, accept: "text/html" },
    });
    expect(answer.text).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
    expect(answer.text).not.toContain("<img");
  });

  it("is whoever comes too often from one address", async () => {
    const take = house.deps.enrolmentLimits.perSubject.take;
    house.deps.enrolmentLimits.perSubject.take = (key) =>
      key === "sign-in/192.0.2.7" ? { ok: false, retryAfter: 7 } : take(key);
    for (const path of ["start", "callback?state=x"]) {
      const answer = await scene.ask(`/auth/oidc/idp/${path}`);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "7"]);
    }
    expect((await scene.ask("/auth/session")).status).toBe(401);
    house.deps.enrolmentLimits.perSubject.take = take;
  });

  it("is bounded for an IPv6 network, since who has one address of it has them all", async () => {
    const { take } = house.deps.enrolmentLimits.perSubject;
    const keys: string[] = [];
    house.deps.enrolmentLimits.perSubject.take = (key) => (keys.push(key), take(key));
    for (const address of ["2001:db8::1", "2001:db8::ffff:2"]) await scene.ask("/auth/oidc/idp/start", { address });
    house.deps.enrolmentLimits.perSubject.take = take;
    expect(keys).toEqual(Array(2).fill("sign-in/2001:db8::/64"));
  });

  it("is whom the provider refuses; what stands in the URL is not repeated", async () => {
    const { url, cookie } = await begin();
    const state = new URL(url).searchParams.get("state") ?? "";
    const answer = await back(
      new URLSearchParams({ error: "<b>call us", error_description: "call 555", state, iss: provided().issuer }),
      cookie,
    );
    expect([answer.status, answer.reason]).toEqual([403, "provider_refused"]);
    expect(answer.text).not.toMatch(/call|555/);
  });
});

describe("the redirect back", () => {
  it("is good once: neither state nor code can be replayed", async () => {
    const { url, cookie } = await begin();
    const query = provided().signIn(url, ada);
    expect((await back(query, cookie)).status).toBe(303);
    const again = await back(query, cookie);
    expect([again.status, again.reason, again.cookie]).toEqual([401, "unknown_state", undefined]);
  });

  it("does not take a code that was used, with a state of its own", async () => {
    const first = await begin();
    const used = provided().signIn(first.url, ada);
    await back(used, first.cookie);
    const second = await begin();
    const query = new URLSearchParams(provided().signIn(second.url, ada));
    query.set("code", used.get("code") ?? "");
    const answer = await back(query, second.cookie);
    expect([answer.status, answer.reason, answer.cookie]).toEqual([401, "not_proven", undefined]);
  });

  it("does not take another browser's code: PKCE and nonce are not its own", async () => {
    const victim = await begin();
    const stolen = provided().signIn(victim.url, ada).get("code") ?? "";
    const thief = await begin();
    const query = new URLSearchParams(provided().signIn(thief.url, { sub: "bob" }));
    query.set("code", stolen);
    expect((await back(query, thief.cookie)).reason).toBe("not_proven");
  });

  it.each<[string, (query: URLSearchParams, cookie: string) => [URLSearchParams, string], string]>([
    ["no cookie (login CSRF)", (query) => [query, ""], "another_browser"],
    [
      "the cookie of another browser",
      (query) => [query, `__Host-trstctl-8443-sign-in=${"A".repeat(43)}`],
      "another_browser",
    ],
    ["a state of nobody", (query, cookie) => [changed(query, "state", "A".repeat(43)), cookie], "unknown_state"],
    ["no state", (query, cookie) => [changed(query, "state"), cookie], "unknown_state"],
    ["two states", (query, cookie) => [new URLSearchParams(`${query.toString()}&state=x`), cookie], "unknown_state"],
    ["two codes", (query, cookie) => [new URLSearchParams(`${query.toString()}&code=x`), cookie], "not_proven"],
    ["no code", (query, cookie) => [changed(query, "code"), cookie], "not_proven"],
    ["no iss, which the provider announces", (query, cookie) => [changed(query, "iss"), cookie], "not_proven"],
    [
      "the iss of another provider",
      (query, cookie) => [changed(query, "iss", scene.other.issuer), cookie],
      "not_proven",
    ],
    ["an ID token in the URL", (query, cookie) => [changed(query, "id_token", "x.y.z"), cookie], "not_proven"],
  ])("is refused with %s", async (_, change, reason) => {
    const { url, cookie } = await begin();
    const answer = await back(...change(provided().signIn(url, ada), cookie));
    expect([answer.status, answer.reason, answer.cookie]).toEqual([401, reason, undefined]);
  });

  it("is refused after ten minutes", async () => {
    const { url, cookie } = await begin();
    const query = provided().signIn(url, ada);
    house.advance(transactionMs + 1);
    expect((await back(query, cookie)).reason).toBe("unknown_state");
  });

  it("is refused at another provider's redirect URI (mix-up), and its code is not sent there", async () => {
    const { url, cookie } = await begin();
    const before = scene.other.asked.length;
    const answer = await back(provided().signIn(url, ada), cookie, "other");
    expect([answer.status, answer.reason]).toEqual([401, "another_provider"]);
    expect(scene.other.asked.slice(before)).toEqual([]);
  });
});

const changed = (query: URLSearchParams, name: string, value?: string): URLSearchParams => {
  const copy = new URLSearchParams(query);
  if (value === undefined) copy.delete(name);
  else copy.set(name, value);
  return copy;
};

describe("an ID token is refused", () => {
  const bent: readonly [string, (claims: JWTPayload) => JWTPayload][] = [
    ["with another nonce", (claims) => ({ ...claims, nonce: "another" })],
    ["without a nonce", ({ nonce: _, ...claims }) => claims],
    ["for another audience", (claims) => ({ ...claims, aud: "somebody-else" })],
    ["for several without azp", (claims) => ({ ...claims, aud: ["trstctl", "other"] })],
    ["with the azp of another client", (claims) => ({ ...claims, azp: "other" })],
    ["of another issuer", (claims) => ({ ...claims, iss: "https://elsewhere.test" })],
    ["of a second provider of ours", (claims) => ({ ...claims, iss: scene.other.issuer })],
    ["that expired", (claims) => ({ ...claims, exp: Number(claims.iat) - 61 })],
    ["issued in the future", (claims) => ({ ...claims, iat: Number(claims.iat) + 120, exp: Number(claims.exp) + 999 })],
    ["issued long ago", (claims) => ({ ...claims, iat: Number(claims.iat) - 7_200 })],
    ["not yet valid", (claims) => ({ ...claims, nbf: Number(claims.iat) + 120 })],
    ["without exp", ({ exp: _, ...claims }) => claims],
    ["without iat", ({ iat: _, ...claims }) => claims],
    ["without sub", ({ sub: _, ...claims }) => claims],
    ["with the at_hash of another access token", (claims) => ({ ...claims, at_hash: "A".repeat(22) })],
  ];
  it.each(bent)("%s", async (_, bend) => {
    const answer = await signIn({ sub: "ada", bend });
    expect([answer.status, answer.reason, answer.cookie]).toEqual([401, "not_proven", undefined]);
  });

  const signed: readonly [string, (claims: JWTPayload) => Promise<string> | string][] = [
    ["that nobody signed (alg none)", (claims) => new UnsecuredJWT(claims).encode()],
    [
      "signed by HS256 with the public key",
      async (claims) => {
        const key = provided().keys[0];
        if (key === undefined) throw new Error("there is no key");
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: key.kid }).sign(await publicPem(key));
      },
    ],
    [
      "signed by HS256 with the client secret",
      (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode(provided().clientSecret)),
    ],
    [
      "signed by an algorithm that is not on the list, with a published key",
      async (claims) => {
        const key = await newSigningKey("elliptic", "ES256");
        provided().keys.unshift(key);
        return new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "elliptic" }).sign(key.privateKey);
      },
    ],
    [
      "signed by a key that is not published, under a published kid",
      async (claims) => {
        const key = await newSigningKey("first");
        return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first" }).sign(key.privateKey);
      },
    ],
    [
      "whose key comes with it",
      async (claims) => {
        const key = await newSigningKey("mine");
        const { kty = "RSA", n = "", e = "" } = key.jwk;
        return new SignJWT(claims).setProtectedHeader({ alg: "RS256", jwk: { kty, n, e } }).sign(key.privateKey);
      },
    ],
    ["that another provider of ours signed", async (claims) => scene.other.idToken(claims)],
    ["that is cut off", async (claims) => (await provided().idToken(claims)).slice(0, -4)],
    ["that is no token", () => "no token"],
  ];
  it.each(signed)("%s", async (_, sign) => {
    const answer = await signIn({ sub: "ada", sign });
    expect([answer.status, answer.reason, answer.cookie]).toEqual([401, "not_proven", undefined]);
  });

  it("and the operator reads why, the person does not", async () => {
    const before = house.reported.length;
    const answer = await signIn({ sub: "ada", bend: (claims) => ({ ...claims, aud: "somebody-else" }) });
    expect(answer.text).not.toContain("audience");
    expect(String((house.reported[before] as Error).cause)).toContain("aud");
  });
});

describe("an ID token is taken", () => {
  it("with the at_hash of its access token, and azp of this client among several", async () => {
    const { url, cookie } = await begin();
    const query = provided().signIn(url, {
      sub: "ada",
      claims: { aud: ["trstctl", "other"], azp: "trstctl" },
      bend: (claims) => ({ ...claims, at_hash: hashOf(`access-${query.get("code") ?? ""}`) }),
    });
    expect((await back(query, cookie)).status).toBe(303);
  });
});

const hashOf = (text: string): string =>
  createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
