/** How ACME is asked (RFC 8555 6): what is not exactly so is refused, and nothing of another account is there. */
import { describe, expect, it } from "vitest";
import { createAcmeServer } from "#functions/acme/app";
import { resources } from "#functions/acme/resources/registry";
import { createPool } from "#shared/http/pool";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { disableEndpoint, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { type Client, jwsOf, newClient, newKey } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, directoryOf, openAcmeHouse, origin, settings, tenant } from "#test/acme/house";
import { said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

describe("a signed request", () => {
  type Sending = Parameters<Client["post"]>[2];
  const cases: Readonly<Record<string, readonly [Sending | ((client: Client) => Promise<Sending>), string]>> = {
    "for another url": [{ header: { url: `${origin}/acme/web/new-order` } }, "403 unauthorized"],
    "for another host, as its Host header may say": [
      { header: { url: "https://elsewhere.example/acme/web/acct/x" } },
      "403 unauthorized",
    ],
    "without url": [{ header: { url: undefined } }, "400 malformed"],
    "without nonce": [{ header: { nonce: undefined } }, "400 badNonce"],
    "with a nonce that is no base64url": [{ nonce: "a+b/" }, "400 malformed"],
    "with a nonce that nobody gave out": [{ nonce: base64url(new Uint8Array(36)) }, "400 badNonce"],
    "with kid and jwk": [{ header: { jwk: newKey().jwk } }, "400 malformed"],
    "with neither": [{ header: { kid: undefined } }, "400 malformed"],
    "with the key itself, where an account is asked for": [{ byKey: true }, "400 malformed"],
    "by an account that is none": [
      { header: { kid: `${origin}/acme/web/acct/0194b0f0-0000-7000-8000-000000000000` } },
      "400 accountDoesNotExist",
    ],
    "by an account of another place": [
      { header: { kid: "https://elsewhere.example/acct/1" } },
      "400 accountDoesNotExist",
    ],
    "under another key": [{ key: newKey() }, "400 malformed"],
    "with an algorithm that is not the key's": [{ header: { alg: "RS256" } }, "400 malformed"],
    "without a signature": [{ header: { alg: "none" } }, "400 badSignatureAlgorithm"],
    "by a MAC": [{ header: { alg: "HS256" } }, "400 badSignatureAlgorithm"],
    "with a critical extension": [{ header: { crit: ["x"], x: 1 } }, "400 malformed"],
    "of another content type": [{ contentType: "application/json" }, "415 malformed"],
    "that is no JSON": [{ raw: "{" }, "400 malformed"],
    "with an unprotected header": [
      async (client) => ({
        raw: JSON.stringify({ ...jwsOf(client.state.key, { nonce: await client.freshNonce() }, {}), header: {} }),
      }),
      "400 malformed",
    ],
    "that is too large": [{ raw: "x".repeat(140_000) }, "413 malformed"],
  };

  it.each(Object.entries(cases))("%s is refused, with a fresh nonce", async (_what, [how, expected]) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const sending = typeof how === "function" ? await how(client) : how;
    const reply = await client.post(client.state.kid ?? "", undefined, sending);
    expect(said(reply)).toBe(expected);
    expect(reply.headers.get("replay-nonce")).not.toBeNull();
    expect((await client.post(client.state.kid ?? "")).status).toBe(200);
    expect(acme.house.reported).toEqual([]);
  });

  it("with a payload where the resource is only read, or none where it is written", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await client.order(["a.example.test"]);
    const { kid = "" } = client.state;
    for (const url of [order.headers.get("location") ?? "", kid.replace("/acct/", "/orders/")])
      for (const payload of [{}, { status: "valid" }])
        expect(said(await client.post(url, payload))).toBe("400 malformed");
    for (const url of [client.directory["newOrder"], order.body["finalize"], client.directory["revokeCert"]])
      expect(said(await client.post(url))).toBe("400 malformed");
  });

  it("by GET, or a path that is nothing", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = (await client.order(["a.example.test"])).headers.get("location") ?? "";
    const get = await client.ask("GET", order);
    expect([said(get), get.headers.get("allow")]).toEqual(["405 malformed", "POST"]);
    expect((await client.ask("POST", client.directory["newNonce"])).headers.get("allow")).toBe("GET, HEAD");
    for (const path of [
      "/acme/",
      "/acme/web",
      "/acme/web/constructor",
      "/acme/web/order",
      "/acme/web/order/a/b",
      "/directory/x",
      "/acme/web/order/%2e%2e",
    ])
      expect(said(await client.ask("GET", `${origin}${path}`)), path).toBe("404 malformed");
    expect((await client.ask("HEAD", client.directory["newNonce"])).status).toBe(200);
    const nonce = await client.ask("GET", client.directory["newNonce"]);
    expect([nonce.status, nonce.headers.get("cache-control")]).toEqual([204, "no-store"]);
    expect(nonce.headers.get("link")).toBe(`<${directoryOf("web")}>;rel="index"`);
    const foreign = await acme.fetch(new Request(directoryOf("web"), { headers: { host: "evil.example" } }));
    expect(foreign.status).toBe(421);
  });
});

describe("nonces", () => {
  it("are good once, for ten minutes, for their endpoint, in every process", async () => {
    await using acme = await openAcmeHouse();
    await acme.endpoint("other");
    const client = await acme.registered();
    const url = client.state.kid ?? "";
    // Another process: the same store and secret, nothing else in common.
    const second = createAcmeServer({ ...acme.deps, pool: createPool(8) });
    const there = await newClient(
      async (request) => second.fetch(request, { address: "192.0.2.10", certificate: undefined }),
      directoryOf("web"),
    );
    Object.assign(there.state, client.state);
    const nonce = await client.freshNonce();
    expect((await there.post(url, undefined, { nonce })).status).toBe(200);
    for (const again of [client, there]) expect(said(await again.post(url, undefined, { nonce }))).toBe("400 badNonce");
    const others = await (await acme.client("other")).freshNonce();
    expect(said(await client.post(url, undefined, { nonce: others }))).toBe("400 badNonce");
    const old = await client.freshNonce();
    acme.house.advance(600_000);
    expect(said(await client.post(url, undefined, { nonce: old }))).toBe("400 badNonce");
  });

  it("who cannot sign uses none up", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const nonce = await client.freshNonce();
    await client.post(client.state.kid ?? "", undefined, { nonce, key: newKey() });
    expect((await client.post(client.state.kid ?? "", undefined, { nonce })).status).toBe(200);
  });

  it("a client that tries again with the fresh one comes through a server that refuses half of them", async () => {
    let n = 0;
    await using acme = await openAcmeHouse(({ shortLived }) => ({
      shortLived: { ...shortLived, put: async (...put) => n++ % 2 === 1 && (await shortLived.put(...put)) },
    }));
    const client = await acme.client();
    expect((await client.register({}, { retries: 3 })).status).toBe(201);
    const order = await client.order(["a.example.test"], {}, { retries: 3 });
    expect(order.status).toBe(201);
    expect(n).toBe(4);
  });
});

it("what belongs to another account is not there, whatever is asked of it", async () => {
  await using acme = await openAcmeHouse();
  const owner = await acme.registered();
  const order = await owner.order(["a.example.test"]);
  await acme.prove(owner, order);
  const done = await owner.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
  const pending = await owner.order(["b.example.test"]);
  const [authz] = pending.body["authorizations"] as string[];
  const challenge = (await owner.post(authz ?? "")).body["challenges"][0].url as string;
  const { kid = "" } = owner.state;
  const asked: readonly [string, unknown][] = [
    [order.headers.get("location") ?? "", undefined],
    [order.body["finalize"], { csr: csrFor(["a.example.test"]) }],
    [done.body["certificate"], undefined],
    [authz ?? "", undefined],
    [authz ?? "", { status: "deactivated" }],
    [challenge, {}],
    [challenge, undefined],
    [kid, { status: "deactivated" }],
    [kid.replace("/acct/", "/orders/"), undefined],
  ];
  // Each kind of object that has a URL of its own is asked for.
  const kinds = new Set(asked.map(([url]) => url.split("/")[5]));
  const owned = Object.keys(resources).filter((name) => (resources[name]?.ids ?? 0) > 0 && name !== "renewal-info");
  expect(kinds).toEqual(new Set(owned));
  await acme.endpoint("elsewhere");
  const strangers = [await acme.registered(), await acme.registered("elsewhere")];
  for (const stranger of strangers)
    for (const [url, payload] of asked) {
      const there = stranger === strangers[1] ? url.replace("/acme/web/", "/acme/elsewhere/") : url;
      expect(said(await stranger.post(there, payload)), there).toMatch(/^(404 malformed|403 unauthorized)$/);
    }
  for (const [url] of asked) expect((await owner.post(url.replace("finalize", "order"))).status, url).toBe(200);
  expect((await owner.post(authz ?? "")).body["status"]).toBe("pending");
});

it("a URL says whose endpoint it is, and nothing else does; without a label the default one answers", async () => {
  await using acme = await openAcmeHouse();
  const client = await acme.client();
  expect((await client.ask("GET", `${origin}/directory`)).status).toBe(404);
  await updateEndpoint(acme.house.deps, adminCall(tenant), "web", { ...settings, default: true });
  const found = await client.ask("GET", `${origin}/directory`);
  expect(found.body).toEqual(client.directory);
  expect(found.body["newOrder"]).toBe(`${origin}/acme/web/new-order`);
  await acme.endpoint("est-only", { protocols: ["est"], auth: ["secret"] });
  expect((await client.ask("GET", directoryOf("est-only"))).status).toBe(404);
  await client.register();
  await disableEndpoint(acme.house.deps, adminCall(tenant), "web");
  expect((await client.post(client.state.kid ?? "")).status).toBe(404);
  expect((await client.ask("GET", `${origin}/directory`)).status).toBe(404);
});

it("a full house says so in ACME's words", async () => {
  await using acme = await openAcmeHouse(() => ({ pool: { ...createPool(1), run: createFull() } }));
  const reply = await (await acme.client()).ask("GET", directoryOf("web"));
  expect([said(reply), reply.headers.get("retry-after")]).toEqual(["503 serverInternal", "1"]);
  const counted = acme.deps.protocolRequests
    .all()
    .map(([one, count]) => [one.protocol, one.operation, one.decision, count]);
  expect(counted).toContainEqual(["acme", "directory", "shed", 2]);
});

const createFull = (): AcmeHouse["deps"]["pool"]["run"] => {
  const pool = createPool(1);
  void pool.run(() => new Promise(() => undefined));
  return pool.run;
};

it("what stands in a request that is refused is not repeated in the answer", async () => {
  await using acme = await openAcmeHouse();
  const client = await acme.registered();
  const reply = await client.post(client.state.kid ?? "", undefined, { raw: `{"protected":"trst_secret"` });
  expect(reply.text).not.toContain("trst_secret");
  const cases = [utf8("\xff"), utf8("null"), utf8("[]"), utf8("1")];
  for (const body of cases)
    expect(said(await client.post(client.state.kid ?? "", undefined, { raw: Buffer.from(body).toString() }))).toBe(
      "400 malformed",
    );
});
