/** ACME accounts (RFC 8555 7.3): binding, terms, keys, the end. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url, utf8 } from "#shared/kernel/bytes";
import { createCredential, revokeCredential } from "#shared/usecases/enrolment-credentials";
import { updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { type Client, jwsOf, newKey } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, openAcmeHouse, settings, tenant } from "#test/acme/house";
import { said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

const json = (value: unknown): string => base64url(utf8(JSON.stringify(value)));

interface Credential {
  readonly id: string;
  readonly secret: string;
}

const credentialOf = (acme: AcmeHouse, names: readonly string[] = [], maxUses: number | null = 1) =>
  createCredential(acme.house.deps, adminCall(tenant), {
    endpoint: "web",
    names,
    maxUses,
    expiresAt: new Date(acme.deps.clock.now() + 86_400_000).toISOString(),
  });

/** RFC 8555 7.3.4. */
function binding(
  client: Client,
  { id, secret }: Credential,
  over: object = {},
  jwk: unknown = client.state.key.jwk,
  alg = "HS256",
) {
  const header = json({ alg, kid: id, url: client.directory["newAccount"], ...over });
  const payload = json(jwk);
  const hash = alg.replace("HS", "sha");
  const signature = createHmac(hash, Buffer.from(secret, "base64url"))
    .update(`${header}.${payload}`)
    .digest("base64url");
  return { protected: header, payload, signature };
}

const bound = (): Promise<AcmeHouse> =>
  openAcmeHouse().then(async (acme) => {
    await updateEndpoint(acme.house.deps, adminCall(tenant), "web", { ...settings, auth: ["secret"] });
    return acme;
  });

describe("external account binding", () => {
  it.each(["HS256", "HS384", "HS512"])(
    "%s registers; the credential is used up by it, its names are held to",
    async (alg) => {
      await using acme = await bound();
      const client = await acme.client();
      expect(client.directory["meta"].externalAccountRequired).toBe(true);
      const credential = await credentialOf(acme, ["a.example.test"]);
      const externalAccountBinding = binding(client, credential, {}, client.state.key.jwk, alg);
      const made = await client.register({ externalAccountBinding });
      expect(made.status).toBe(201);
      expect((await client.register({ externalAccountBinding })).status).toBe(200);
      const second = await acme.client();
      const again = await second.register({ externalAccountBinding: binding(second, credential) });
      expect(said(again)).toBe("403 unauthorized");
      expect((await client.order(["a.example.test"])).status).toBe(201);
      expect(said(await client.order(["b.example.test"]))).toBe("403 rejectedIdentifier");
      await revokeCredential(acme.house.deps, adminCall(tenant), credential.id);
      expect(said(await client.order(["a.example.test"]))).toBe("403 unauthorized");
    },
  );

  it.each<[string, (client: Client, credential: Credential) => object, string]>([
    ["a wrong secret", (client, { id }) => binding(client, { id, secret: "AAAA" }), "403 unauthorized"],
    [
      "an unknown credential",
      (client, { secret }) => binding(client, { id: "a".repeat(16), secret }),
      "403 unauthorized",
    ],
    ["what no id can be", (client, { secret }) => binding(client, { id: "../x", secret }), "403 unauthorized"],
    ["another key", (client, credential) => binding(client, credential, {}, newKey().jwk), "400 malformed"],
    ["another url", (client, credential) => binding(client, credential, { url: "https://x.test/" }), "400 malformed"],
    ["a nonce", (client, credential) => binding(client, credential, { nonce: "AAAA" }), "400 malformed"],
    ["no kid", (client, credential) => binding(client, credential, { kid: undefined }), "400 malformed"],
    [
      "a signature algorithm",
      (client, credential) => binding(client, credential, { alg: "ES256" }),
      "400 badSignatureAlgorithm",
    ],
    ["no JWS", () => ({ kid: "x" }), "400 malformed"],
  ])("%s does not", async (_what, make, expected) => {
    await using acme = await bound();
    const client = await acme.client();
    const reply = await client.register({ externalAccountBinding: make(client, await credentialOf(acme)) });
    expect(said(reply)).toBe(expected);
    expect(said(await client.register({ onlyReturnExisting: true }))).toBe("400 accountDoesNotExist");
  });

  it("of another endpoint, revoked or expired does not", async () => {
    await using acme = await bound();
    await acme.endpoint("other", { auth: ["secret"] });
    const other = await acme.client("other");
    const credential = await credentialOf(acme);
    expect(said(await other.register({ externalAccountBinding: binding(other, credential) }))).toBe("403 unauthorized");
    const client = await acme.client();
    acme.house.advance(2 * 86_400_000);
    expect(said(await client.register({ externalAccountBinding: binding(client, credential) }))).toBe(
      "403 unauthorized",
    );
  });

  it("is taken where it is not asked for, too", async () => {
    await using acme = await openAcmeHouse();
    await updateEndpoint(acme.house.deps, adminCall(tenant), "web", { ...settings, auth: ["open", "secret"] });
    const client = await acme.client();
    expect(client.directory["meta"].externalAccountRequired).toBe(false);
    const credential = await credentialOf(acme, ["a.example.test"]);
    await client.register({ externalAccountBinding: binding(client, credential) });
    expect(said(await client.order(["b.example.test"]))).toBe("403 rejectedIdentifier");
  });
});

it("where the endpoint asks for no proof an order is ready at once, for whom the credential let in", async () => {
  await using acme = await openAcmeHouse();
  const inside = { ...settings, auth: ["secret"] as const, validate_names: false };
  await updateEndpoint(acme.house.deps, adminCall(tenant), "web", inside);
  const client = await acme.client();
  expect(client.directory["newAuthz"]).toBeUndefined();
  await client.register({ externalAccountBinding: binding(client, await credentialOf(acme)) });
  const order = await client.order(["a.example.test", "*.example.test"]);
  expect(order.body["status"]).toBe("ready");
  const { body } = await client.post(order.body["authorizations"][0]);
  expect(body).toMatchObject({ status: "valid", challenges: [] });
  const csr = csrFor(["a.example.test", "*.example.test"]);
  expect((await client.post(order.body["finalize"], { csr })).body["status"]).toBe("valid");
  expect((await client.order(["a.example.test"])).body["authorizations"]).toEqual([order.body["authorizations"][0]]);
  const url = client.directory["newOrder"].replace("new-order", "new-authz") as string;
  expect(said(await client.post(url, { identifier: { type: "dns", value: "b.test" } }))).toBe("400 malformed");
  expect(acme.world.asked).toBe(0);
});

describe("an account", () => {
  it("is one for each key, also when it registers many times at once", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.client();
    const nonces = await Promise.all(Array.from({ length: 5 }, () => client.freshNonce()));
    const replies = await Promise.all(
      nonces.map((nonce) => client.post(client.directory["newAccount"], {}, { byKey: true, nonce })),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(replies.map(({ headers }) => headers.get("location"))).size).toBe(1);
    const members = (await acme.deps.log.list(tenant, "acme-account", { limit: 10 })).items;
    expect(members).toHaveLength(1);
  });

  it("changes its contact and nothing else that it may not", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const { kid = "" } = client.state;
    const changed = await client.post(kid, {
      contact: ["mailto:a@example.test"],
      orders: "x",
      termsOfServiceAgreed: true,
    });
    expect(changed.body).toEqual({
      status: "valid",
      contact: ["mailto:a@example.test"],
      orders: kid.replace("/acct/", "/orders/"),
    });
    expect((await client.post(kid)).body).toEqual(changed.body);
    expect(said(await client.post(kid, { contact: ["mailto:a@b.test,c@d.test"] }))).toBe("400 invalidContact");
    expect(said(await client.post(kid, { contact: ["nothing"] }))).toBe("400 invalidContact");
    expect(said(await client.post(kid, { status: "revoked" }))).toBe("400 malformed");
    expect((await client.post(kid, {})).status).toBe(200);
  });

  it("that is deactivated does nothing any more, nor does its key come back", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const { kid = "" } = client.state;
    const order = await client.order(["a.example.test"]);
    const { body } = await client.post(order.body["authorizations"][0]);
    await client.post(body["challenges"][0].url, {});
    const over = await client.post(kid, { status: "deactivated" });
    expect(over.body["status"]).toBe("deactivated");
    expect(said(await client.post(kid))).toBe("403 unauthorized");
    expect(said(await client.order(["a.example.test"]))).toBe("403 unauthorized");
    expect(said(await client.register())).toBe("403 unauthorized");
    await acme.validate();
    const [authorization] = (
      await acme.deps.log.list(tenant, "acme-authorization", { limit: 10, partition: kid.split("/").at(-1) ?? "" })
    ).items;
    expect(authorization?.state).toMatchObject({ status: "invalid", error: { type: "unauthorized" } });
    expect(acme.world.asked).toBe(0);
  });

  it("agrees to new terms by registering again with its key", async () => {
    await using acme = await openAcmeHouse();
    const change = (terms?: string) =>
      updateEndpoint(acme.house.deps, adminCall(tenant), "web", {
        ...settings,
        ...(terms !== undefined && { terms_of_service: terms }),
      });
    const client = await acme.registered();
    await change("https://ca.example/terms/1");
    expect(
      (await client.ask("GET", client.directory["newNonce"].replace("new-nonce", "directory"))).body["meta"]
        .termsOfService,
    ).toBe("https://ca.example/terms/1");
    expect(said(await client.order(["a.example.test"]))).toBe("403 userActionRequired");
    expect((await client.register({ termsOfServiceAgreed: true })).body["termsOfServiceAgreed"]).toBe(true);
    expect((await client.order(["a.example.test"])).status).toBe(201);
    await change("https://ca.example/terms/2");
    expect((await client.register({})).status).toBe(200);
    expect(said(await client.order(["a.example.test"]))).toBe("403 userActionRequired");
    await change();
    expect((await client.order(["a.example.test"])).status).toBe(201);
  });
});

describe("a new key", () => {
  const change = (
    client: Client,
    next = newKey(),
    over: { header?: object; payload?: object; signer?: typeof next } = {},
  ) => {
    const url = client.directory["keyChange"];
    const payload = { account: client.state.kid, oldKey: client.state.key.jwk, ...over.payload };
    return client.post(url, jwsOf(over.signer ?? next, { jwk: next.jwk, url, ...over.header }, payload));
  };

  it("takes the place of the old one, which is then free", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const [old, next] = [client.state.key, newKey("EdDSA")];
    const changed = await change(client, next);
    expect([changed.status, changed.headers.get("location")]).toEqual([200, client.state.kid]);
    expect(said(await client.post(client.state.kid ?? ""))).toBe("400 malformed");
    client.state.key = next;
    const order = await client.order(["a.example.test"]);
    await acme.prove(client, order);
    expect((await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) })).body["status"]).toBe(
      "valid",
    );
    const another = await acme.client();
    another.state.key = old;
    expect((await another.register()).status).toBe(201);
    expect(another.state.kid).not.toBe(client.state.kid);
    // And back to a key that it had: somebody has it now.
    const taken = await change(client, old);
    expect([said(taken), taken.headers.get("location")]).toEqual(["409 malformed", another.state.kid]);
  });

  it.each<[string, Parameters<typeof change>[2], string]>([
    ["with another account inside", { payload: { account: "https://x.test/acct/1" } }, "400 malformed"],
    ["with another old key inside", { payload: { oldKey: newKey().jwk } }, "400 malformed"],
    ["with no old key inside", { payload: { oldKey: undefined } }, "400 malformed"],
    ["with another url inside", { header: { url: "https://x.test/" } }, "400 malformed"],
    ["with a nonce inside", { header: { nonce: "AAAA" } }, "400 malformed"],
    ["named by kid", { header: { kid: "x" } }, "400 malformed"],
    ["not signed by itself", { signer: newKey() }, "400 malformed"],
    ["with an algorithm that is not served", { header: { alg: "HS256" } }, "400 badSignatureAlgorithm"],
  ])("%s is refused", async (_what, over, expected) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    expect(said(await change(client, newKey(), over))).toBe(expected);
    expect((await client.post(client.state.kid ?? "")).status).toBe(200);
  });

  it("that the account has already is refused, as is a weak one", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    expect(said(await change(client, client.state.key))).toBe("409 malformed");
    expect(said(await change(client, newKey("RS256", { modulusLength: 1024 })))).toBe("400 badPublicKey");
  });
});
