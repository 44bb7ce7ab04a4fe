/** The provider ends sessions of its own, and what is tried in its name (Back-Channel Logout 1.0 2.6). */
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { House } from "#test/in-process/house";
import { newSigningKey, publicPem } from "#test/oidc/hostile-provider";
import { openScene, openSignInHouse, type Scene } from "#test/oidc/house";
import { signInAs, subjectOf } from "#test/oidc/signed-in";

const event = "http://schemas.openid.net/event/backchannel-logout";
let house: House;
let scene: Scene;
beforeAll(async () => {
  house = await openSignInHouse();
  scene = await openScene(house, [
    { subject: "ada", tenant: "acme", roles: ["admin"] },
    { subject: "bob", tenant: "beta", roles: ["viewer"] },
  ]);
});
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

let tokens = 0;
const usual = (claims: JWTPayload = {}): JWTPayload => {
  const time = Math.floor(house.deps.clock.now() / 1000);
  const { issuer: iss, clientId: aud } = scene.provider;
  return { iss, aud, iat: time, exp: time + 120, jti: `token-${++tokens}`, events: { [event]: {} }, ...claims };
};
const send = (token: string, id = "idp") =>
  scene.ask(`/auth/oidc/${id}/backchannel-logout`, { form: new URLSearchParams({ logout_token: token }).toString() });
const sendOf = async (claims: JWTPayload) => send(await scene.provider.logoutToken(usual(claims)));
const signedIn = async (sub: string, sid?: string): Promise<string> => {
  house.advance(1_000); // a proof of the very moment of an end is older than it
  return (await signInAs(scene, { sub, ...(sid !== undefined && { claims: { sid } }) })).cookie;
};

describe("a logout token", () => {
  it("with a sid ends the sessions that began in that one of the provider's, and no other", async () => {
    const [first, second, other, bob] = [
      await signedIn("ada", "at-work"),
      await signedIn("ada", "at-work"),
      await signedIn("ada", "at-home"),
      await signedIn("bob", "of-bob"),
    ];
    const answer = await sendOf({ sid: "at-work" });
    expect([answer.status, answer.headers.get("cache-control"), answer.text]).toEqual([200, "no-store", ""]);
    expect(await Promise.all([first, second, other, bob].map((cookie) => subjectOf(scene, cookie)))).toEqual([
      undefined,
      undefined,
      "idp:ada",
      "idp:bob",
    ]);
    await sendOf({ sub: "bob", sid: "of-bob" });
    expect(await subjectOf(scene, bob)).toBeUndefined();
  });

  it("with a subject alone ends all of theirs, in their tenant", async () => {
    const cookies = [await signedIn("ada", "a"), await signedIn("ada"), await signedIn("bob")];
    expect((await sendOf({ sub: "ada" })).status).toBe(200);
    expect(await Promise.all(cookies.map((cookie) => subjectOf(scene, cookie)))).toEqual([
      undefined,
      undefined,
      "idp:bob",
    ]);
  });

  it("ends nothing of another provider's person of the same name", async () => {
    const ada = await signedIn("ada", "shared");
    const { issuer: iss, clientId: aud } = scene.other;
    for (const claims of [{ sub: "ada" }, { sid: "shared" }]) {
      const token = await scene.other.logoutToken(usual({ iss, aud, ...claims }));
      expect((await send(token, "other")).status).toBe(200);
    }
    expect(await subjectOf(scene, ada)).toBe("idp:ada");
  });

  it("is good once", async () => {
    const token = await scene.provider.logoutToken(usual({ sub: "ada" }));
    expect((await send(token)).status).toBe(200);
    const ada = await signedIn("ada");
    const again = await send(token);
    expect([again.status, JSON.parse(again.text)]).toMatchObject([400, { error: "invalid_request" }]);
    expect(await subjectOf(scene, ada)).toBe("idp:ada");
  });

  it("that ends nobody is taken all the same", async () => {
    expect((await sendOf({ sub: "nobody" })).status).toBe(200);
  });

  it("may be of the older type, or of none", async () => {
    for (const typ of ["JWT", "application/logout+jwt", undefined]) {
      const token = await scene.provider.idToken(usual({ sub: "nobody" }), typ === undefined ? {} : { typ });
      expect([typ, (await send(token)).status]).toEqual([typ, 200]);
    }
  });
});

describe("nothing ends by a logout token", () => {
  const without = (name: string) => (claims: JWTPayload) =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const bent: readonly [string, (claims: JWTPayload) => JWTPayload][] = [
    ["without events", without("events")],
    ["with another event", (claims) => ({ ...claims, events: { "http://schemas.openid.net/event/other": {} } })],
    ["whose events is a list", (claims) => ({ ...claims, events: [event] })],
    ["whose event is no object", (claims) => ({ ...claims, events: { [event]: true } })],
    ["with a nonce", (claims) => ({ ...claims, nonce: "x" })],
    ["without jti", without("jti")],
    ["without iat", without("iat")],
    ["without exp", without("exp")],
    ["without sub and sid", without("sub")],
    ["whose sub is no text", (claims) => ({ ...claims, sub: 7 as unknown as string })],
    ["whose sid is an object", (claims) => ({ ...claims, sid: {} })],
    ["of another issuer", (claims) => ({ ...claims, iss: scene.other.issuer })],
    ["for another audience", (claims) => ({ ...claims, aud: "somebody-else" })],
    ["that expired", (claims) => ({ ...claims, exp: Number(claims.iat) - 61 })],
    ["issued in the future", (claims) => ({ ...claims, iat: Number(claims.iat) + 120, exp: Number(claims.exp) + 999 })],
    ["issued long ago", (claims) => ({ ...claims, iat: Number(claims.iat) - 900 })],
  ];
  it.each(bent)("%s", async (_, bend) => {
    const ada = await signedIn("ada");
    const answer = await send(await scene.provider.logoutToken(bend(usual({ sub: "ada" }))));
    expect([answer.status, (JSON.parse(answer.text) as { error: string }).error]).toEqual([400, "invalid_request"]);
    expect(await subjectOf(scene, ada)).toBe("idp:ada");
  });

  const signed: readonly [string, (claims: JWTPayload) => Promise<string> | string][] = [
    ["that nobody signed", (claims) => new UnsecuredJWT(claims).encode()],
    [
      "signed by HS256 with the public key",
      async (claims) => {
        const [key] = scene.provider.keys;
        if (key === undefined) throw new Error("there is no key");
        return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: key.kid }).sign(await publicPem(key));
      },
    ],
    [
      "signed by a key of nobody",
      async (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "RS256", kid: "first" })
          .sign((await newSigningKey("first")).privateKey),
    ],
    ["signed by another provider of ours", (claims) => scene.other.logoutToken(claims)],
    ["of another type", (claims) => scene.provider.idToken(claims, { typ: "at+jwt" })],
    ["longer than any", async (claims) => scene.provider.logoutToken({ ...claims, pad: "x".repeat(20_000) })],
    ["that is none", () => "none"],
  ];
  it.each(signed)("%s", async (_, sign) => {
    const ada = await signedIn("ada");
    expect((await send(await sign(usual({ sub: "ada" })))).status).toBe(400);
    expect(await subjectOf(scene, ada)).toBe("idp:ada");
  });

  it("sent twice in one form, not at all, as JSON, as no form, or too large", async () => {
    const path = "/auth/oidc/idp/backchannel-logout";
    const token = await scene.provider.logoutToken(usual({ sub: "ada" }));
    expect((await scene.ask(path, { form: `logout_token=${token}&logout_token=${token}` })).status).toBe(400);
    expect((await scene.ask(path, { form: "x=y" })).status).toBe(400);
    const headers = { "content-type": "application/json" };
    expect((await scene.ask(path, { headers, form: JSON.stringify({ logout_token: token }) })).status).toBe(415);
    expect((await scene.ask(path, { form: `logout_token=${"x".repeat(40_000)}` })).status).toBe(413);
    expect((await scene.ask(`${path}?logout_token=${token}`)).status).toBe(404);
    expect((await send(token, "nobody")).status).toBe(404);
    expect((await send(token)).status).toBe(200); // it was good all the time
  });
});

it("an ID token of a logged-out browser is no logout token, nor the other way round", async () => {
  const time = Math.floor(house.deps.clock.now() / 1000);
  const { issuer: iss, clientId: aud } = scene.provider;
  expect((await send(await scene.provider.idToken({ iss, aud, sub: "ada", iat: time, exp: time + 60 }))).status).toBe(
    400,
  );
  const { answer } = await signInAs(scene, {
    sub: "ada",
    sign: () => scene.provider.logoutToken(usual({ sub: "ada" })),
  });
  expect(answer.reason).toBe("not_proven");
});

it("one that could not be carried out may be sent again", async () => {
  const ada = await signedIn("ada");
  const token = await scene.provider.logoutToken(usual({ sub: "ada" }));
  const { shortLived } = house.deps;
  const { list } = shortLived;
  shortLived.list = () => Promise.reject(new Error("the store is away"));
  expect((await send(token)).status).toBe(500);
  shortLived.list = list;
  expect(await subjectOf(scene, ada)).toBe("idp:ada");
  expect((await send(token)).status).toBe(200);
  expect(await subjectOf(scene, ada)).toBeUndefined();
});
