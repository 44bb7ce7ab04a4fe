/** What somebody tries who has an account, or can make one, and wants more than it may have. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { maxIdentifiers } from "#functions/acme/identifiers";
import { createValidating, places } from "#functions/acme/validating";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { createCredential } from "#shared/usecases/enrolment-credentials";
import { updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { profileSpec } from "#shared/contracts/api/profiles";
import { createProfileVersion } from "#shared/usecases/profiles";
import { type Client, jwsOf, newKey, type Reply } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, openAcmeHouse, settings, tenant } from "#test/acme/house";
import { said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

const json = (value: unknown): string => base64url(utf8(JSON.stringify(value)));
const change = (acme: AcmeHouse, over: object) =>
  updateEndpoint(acme.house.deps, adminCall(tenant), "web", { ...settings, ...over });

const credentialOf = (acme: AcmeHouse, maxUses: number | null = 1) =>
  createCredential(acme.house.deps, adminCall(tenant), {
    endpoint: "web",
    names: [],
    maxUses,
    expiresAt: new Date(acme.deps.clock.now() + 86_400_000).toISOString(),
  });

function bind(client: Client, { id, secret }: { readonly id: string; readonly secret: string }) {
  const header = json({ alg: "HS256", kid: id, url: client.directory["newAccount"] });
  const payload = json(client.state.key.jwk);
  const mac = createHmac("sha256", Buffer.from(secret, "base64url")).update(`${header}.${payload}`);
  return { protected: header, payload, signature: mac.digest("base64url") };
}

async function rollOver(client: Client): Promise<Reply> {
  const [next, url] = [newKey(), client.directory["keyChange"]];
  const inner = jwsOf(next, { jwk: next.jwk, url }, { account: client.state.kid, oldKey: client.state.key.jwk });
  const reply = await client.post(url, inner);
  if (reply.status === 200) client.state.key = next;
  return reply;
}

describe("what an endpoint let pass before it was closed", () => {
  it("names that nobody proved are to be proven once it asks for proofs", async () => {
    await using acme = await openAcmeHouse();
    await change(acme, { auth: ["secret"], validate_names: false });
    const client = await acme.client();
    await client.register({ externalAccountBinding: bind(client, await credentialOf(acme)) });
    const before = await client.order(["bank.example.test"]);
    const issued = await client.order(["bank.example.test"]);
    const done = await client.post(issued.body["finalize"], { csr: csrFor(["bank.example.test"]) });
    expect(done.body["status"]).toBe("valid");
    await change(acme, { auth: ["secret"], validate_names: true });
    const csr = csrFor(["bank.example.test"]);
    expect(said(await client.post(before.body["finalize"], { csr }))).toBe("403 orderNotReady");
    const after = await client.order(["bank.example.test"]);
    expect(after.body["status"]).toBe("pending");
    await acme.prove(client, after);
    expect((await client.post(after.body["finalize"], { csr })).body["status"]).toBe("valid");
  });

  it("accounts that no credential let in order nothing once it asks for one", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await client.order(["a.example.test"]);
    await acme.prove(client, order);
    await change(acme, { auth: ["secret"] });
    expect(said(await client.order(["a.example.test"]))).toBe("403 externalAccountRequired");
    const csr = csrFor(["a.example.test"]);
    expect(said(await client.post(order.body["finalize"], { csr }))).toBe("403 externalAccountRequired");
  });

  it.each<[string, (client: Client, order: Reply) => Promise<unknown>, string]>([
    ["its account", (client) => client.post(client.state.kid ?? "", { status: "deactivated" }), "403 unauthorized"],
    [
      "a proof of it",
      (client, order) => client.post(order.body["authorizations"][0], { status: "deactivated" }),
      "403 orderNotReady",
    ],
  ])("an order while CAA is asked, when %s is given up", async (_what, giveUp, expected) => {
    let meanwhile: () => Promise<unknown> = () => Promise.resolve();
    await using acme = await openAcmeHouse(({ resolver }) => ({
      resolver: {
        ...resolver,
        caa: async (name) => {
          await meanwhile();
          return resolver.caa(name);
        },
      },
    }));
    const client = await acme.registered();
    const order = await client.order(["a.test"]);
    await acme.prove(client, order);
    acme.house.advance(9 * 3_600_000);
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      await giveUp(client, order);
    };
    expect(said(await client.post(order.body["finalize"], { csr: csrFor(["a.test"]) }))).toBe(expected);
  });

  it("an order for a profile is for that profile, and ends with it", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await client.order(["a.example.test"], { profile: settings.profile });
    await acme.prove(client, order);
    await createProfileVersion(acme.house.deps, adminCall(tenant), "other", profileSpec.parse({}));
    await change(acme, { profile: "other" });
    const csr = csrFor(["a.example.test"]);
    expect(said(await client.post(order.body["finalize"], { csr }))).toBe("400 invalidProfile");
  });
});

describe("more than was given", () => {
  it("a credential for one account brings one, however often its key changes", async () => {
    await using acme = await openAcmeHouse();
    await change(acme, { auth: ["secret"] });
    const client = await acme.client();
    const externalAccountBinding = bind(client, await credentialOf(acme));
    const first = client.state.key;
    await client.register({ externalAccountBinding });
    expect((await rollOver(client)).status).toBe(200);
    const second = await acme.client();
    second.state.key = first;
    expect(said(await second.register({ externalAccountBinding }))).toBe("403 unauthorized");
  });

  it("a certificate does not begin before its issuer did", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const before = new Date(acme.deps.clock.now() - 3_600_000).toISOString();
    const order = await client.order(["a.example.test"], { notBefore: before });
    await acme.prove(client, order);
    const refused = await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
    expect([said(refused), refused.body["detail"]]).toEqual(["400 malformed", expect.stringContaining("its issuer")]);
  });

  it("a nonce with something behind it is none", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const nonce = await client.freshNonce();
    const url = client.state.kid ?? "";
    expect((await client.post(url, undefined, { nonce })).status).toBe(200);
    for (const more of ["A", "_", "AAAAA"])
      expect(said(await client.post(url, undefined, { nonce: nonce + more }))).toBe("400 badNonce");
  });

  it("who has an IPv6 network has one address, as far as new accounts go", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: {
        ...enrolmentLimits,
        perSubject: tokenBuckets({ capacity: 2, refillPerSecond: 1 / 60, clock, maxBuckets: 100 }),
      },
    }));
    const registers = async (address: string) => {
      acme.peer.address = address;
      return (await (await acme.client()).register()).status;
    };
    expect([await registers("2001:db8:0:1::1"), await registers("2001:db8:0:1:ffff::2")]).toEqual([201, 201]);
    expect(await registers("2001:db8:0:1::3")).toBe(429);
    expect(await registers("2001:db8:0:2::3")).toBe(201);
    expect([await registers("::ffff:192.0.2.1"), await registers("192.0.2.1")]).toEqual([201, 201]);
    expect([await registers("::ffff:192.0.2.1"), await registers("::ffff:192.0.2.2")]).toEqual([429, 201]);
  });

  it("an order counts for each proof that it opens, and reuses the others for nothing", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: {
        ...enrolmentLimits,
        perSubject: tokenBuckets({ capacity: 3, refillPerSecond: 1 / 60, clock, maxBuckets: 100 }),
      },
    }));
    const [client, other] = [await acme.registered(), await acme.registered()];
    expect(said(await client.order(["a.test", "b.test", "c.test", "d.test"]))).toBe("429 rateLimited");
    const order = await other.order(["a.test", "b.test"]);
    await acme.prove(other, order);
    expect((await other.order(["a.test", "b.test"])).status).toBe(201);
    expect(said(await other.order(["a.test"]))).toBe("429 rateLimited");
  });

  it("an account does not fill the log with its own changes", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: {
        ...enrolmentLimits,
        perSubject: tokenBuckets({ capacity: 3, refillPerSecond: 1 / 60, clock, maxBuckets: 100 }),
      },
    }));
    const client = await acme.registered();
    const contact = (n: number) => client.post(client.state.kid ?? "", { contact: [`mailto:a${n}@example.test`] });
    expect((await contact(1)).status).toBe(200);
    expect((await rollOver(client)).status).toBe(200);
    expect((await contact(2)).status).toBe(200);
    expect(said(await contact(3))).toBe("429 rateLimited");
    expect(said(await rollOver(client))).toBe("429 rateLimited");
    expect((await client.post(client.state.kid ?? "", { status: "deactivated" })).status).toBe(200);
  });
});

it.each([
  ["that are proven", { auth: ["secret"], validate_names: true }],
  ["that nobody proves", { auth: ["secret"], validate_names: false }],
])("an order has as many names %s as there may be, and no more", async (_what, over) => {
  await using acme = await openAcmeHouse();
  await change(acme, over);
  const client = await acme.client();
  await client.register({ externalAccountBinding: bind(client, await credentialOf(acme)) });
  const names = (count: number) => Array.from({ length: count }, (_, n) => `n${n}.example.test`);
  const order = await client.order(names(maxIdentifiers));
  expect(order.status, order.text).toBe(201);
  await acme.prove(client, order);
  const done = await client.post(order.body["finalize"], { csr: csrFor(names(maxIdentifiers)) });
  expect(done.body["status"], done.text).toBe("valid");
  expect((await client.order(names(maxIdentifiers))).status).toBe(201);
  expect((await client.order(names(maxIdentifiers / 2 + 1).map((name) => `x${name}`))).status).toBe(201);
  expect((await client.order(names(maxIdentifiers / 2).map((name) => `y${name}`))).status).toBe(201);
  const tooMany = await client.order(names(maxIdentifiers + 1));
  expect([said(tooMany), tooMany.body["detail"]]).toEqual(["400 malformed", expect.stringContaining("identifiers")]);
});

describe("to the harm of others", () => {
  it("who has not proven a name does not use up what its holder may order", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: {
        ...enrolmentLimits,
        perName: tokenBuckets({ capacity: 2, refillPerSecond: 1 / 60, clock, maxBuckets: 100 }),
      },
    }));
    const [holder, stranger] = [await acme.registered(), await acme.registered()];
    for (let n = 0; n < 4; n++) await stranger.order(["a.example.test"]);
    const order = await holder.order(["a.example.test"]);
    expect(order.status, order.text).toBe(201);
    await acme.prove(holder, order);
    const done = await holder.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
    expect(done.body["status"], done.text).toBe("valid");
  });

  it("whose names never answer keeps neither other accounts nor other tenants from being validated", async () => {
    let inWork = 0;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const hanging = async (url: string) => {
      inWork++;
      await released;
      return { reached: false, why: "connection", detail: url } as const;
    };
    await using acme = await openAcmeHouse(({ egress }) => ({
      egress: {
        ...egress,
        get: (url, options) => (url.includes("slow.test") ? hanging(url) : egress.get(url, options)),
      },
    }));
    const validating = createValidating(acme.deps, []);
    const authorizations = async (client: Client, names: readonly string[]) => {
      const urls = (await client.order(names)).body["authorizations"] as string[];
      for (const url of urls) await client.post(url.replace("/authz/", "/chall/").concat("/http-01"), {});
      return urls;
    };
    const slow = Array.from({ length: places.account + 1 }, (_, n) => `${n}.slow.test`);
    const holder = await acme.registered();
    await authorizations(await acme.registered(), slow);
    await validating(tenant);
    await expect.poll(() => inWork).toBe(places.account);
    const [mine = ""] = await authorizations(holder, ["a.example.test"]);
    await validating(tenant);
    // There is nothing at its URL: it is validated all the same.
    await expect.poll(async () => (await holder.post(mine)).body["status"]).toBe("invalid");
    for (let n = 0; n < 3; n++) await authorizations(await acme.registered(), slow);
    await validating(tenant);
    await expect.poll(() => inWork).toBe(places.tenant);
    expect(places.tenant).toBeLessThan(places.all);
    release();
    await acme.validate();
  });

  it.each<[string, (client: Client) => Promise<Reply>, string]>([
    [
      "an algorithm nested without end",
      (client) => client.post(client.state.kid ?? "", undefined, { raw: deep() }),
      "400 malformed",
    ],
    [
      "a page of a list that is none",
      (client) => client.post(`${orders(client)}?cursor=${"x".repeat(3_000)}`),
      "400 malformed",
    ],
    ["a page named by half a character", (client) => client.post(`${orders(client)}?cursor=%00`), "400 malformed"],
  ])("%s is the client's fault", async (_what, ask, expected) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    expect(said(await ask(client))).toBe(expected);
  });
});

const orders = (client: Client): string => (client.state.kid ?? "").replace("/acct/", "/orders/");
const deep = (): string => {
  const header = base64url(utf8(`{"alg":${"[".repeat(40_000)}${"]".repeat(40_000)}}`));
  return JSON.stringify({ protected: header, payload: "", signature: "" });
};
