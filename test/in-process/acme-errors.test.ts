/** Every error type of RFC 8555 6.7, RFC 9773 and draft-ietf-acme-profiles, reached from outside. */
import { describe, expect, it } from "vitest";
import { type ErrorType, errorTypes } from "#functions/acme/problem";
import { Failure } from "#shared/kernel/failure";
import { pemDecode } from "#shared/pki/pem";
import { base64url } from "#shared/kernel/bytes";
import { ariIdOf } from "#test/acme/ari";
import { type Client, newKey, type Reply } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, openAcmeHouse } from "#test/acme/house";

/** RFC 8555 6.7, in its order. */
const ofRfc8555 = [
  "accountDoesNotExist",
  "alreadyRevoked",
  "badCSR",
  "badNonce",
  "badPublicKey",
  "badRevocationReason",
  "badSignatureAlgorithm",
  "caa",
  "compound",
  "connection",
  "dns",
  "externalAccountRequired",
  "incorrectResponse",
  "invalidContact",
  "malformed",
  "orderNotReady",
  "rateLimited",
  "rejectedIdentifier",
  "serverInternal",
  "tls",
  "unauthorized",
  "unsupportedContact",
  "unsupportedIdentifier",
  "userActionRequired",
] as const satisfies readonly ErrorType[];

type Case = (acme: AcmeHouse, client: Client) => Promise<Reply>;

async function ready(acme: AcmeHouse, client: Client, name = "a.example.test"): Promise<Reply> {
  const order = await client.order([name]);
  await acme.prove(client, order);
  return order;
}

async function issued(acme: AcmeHouse, client: Client) {
  const order = await ready(acme, client);
  const done = await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
  const { text } = await client.post(done.body["certificate"]);
  const der = pemDecode(text, "CERTIFICATE")[0] ?? new Uint8Array(0);
  return { order, der, certificate: base64url(der) };
}

/** The error that stands in the challenge, as if it were the answer. */
async function challengeError(acme: AcmeHouse, client: Client, name: string, type = "http-01"): Promise<Reply> {
  const order = await client.order([name]);
  const { body } = await client.post(order.body["authorizations"][0]);
  const { url } = body["challenges"].find((one: { type: string }) => one.type === type);
  await client.post(url, {});
  await acme.validate();
  const after = await client.post(url);
  expect(after.body["status"]).toBe("invalid");
  expect((await client.post(order.body["authorizations"][0])).body["status"]).toBe("invalid");
  expect((await client.post(order.headers.get("location") ?? "")).body["status"]).toBe("invalid");
  return { ...after, body: after.body["error"], status: after.body["error"].status };
}

const cases: Readonly<Record<ErrorType, Case>> = {
  accountDoesNotExist: async (_acme, client) =>
    client.post(client.directory["newAccount"], { onlyReturnExisting: true }, { byKey: true, key: newKey() }),
  alreadyReplaced: async (acme, client) => {
    const { der } = await issued(acme, client);
    const replaces = await ariIdOf(acme, der);
    const order = await client.order(["a.example.test"], { replaces });
    await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
    return client.order(["a.example.test"], { replaces });
  },
  alreadyRevoked: async (acme, client) => {
    const { certificate } = await issued(acme, client);
    await client.post(client.directory["revokeCert"], { certificate });
    return client.post(client.directory["revokeCert"], { certificate });
  },
  badCSR: async (acme, client) =>
    client.post((await ready(acme, client)).body["finalize"], { csr: csrFor(["a.example.test", "evil.example.test"]) }),
  badNonce: async (_acme, client) => {
    const nonce = await client.freshNonce();
    await client.post(client.state.kid ?? "", undefined, { nonce });
    return client.post(client.state.kid ?? "", undefined, { nonce });
  },
  badPublicKey: async (_acme, client) => {
    const { modulusLength } = { modulusLength: 1024 };
    return client.post(client.directory["newAccount"], {}, { byKey: true, key: newKey("RS256", { modulusLength }) });
  },
  badRevocationReason: async (acme, client) => {
    const { certificate } = await issued(acme, client);
    return client.post(client.directory["revokeCert"], { certificate, reason: 2 });
  },
  badSignatureAlgorithm: async (_acme, client) =>
    client.post(client.state.kid ?? "", undefined, { header: { alg: "HS256" } }),
  caa: async (acme, client) => {
    acme.world.caa.set("example.test", [{ critical: false, tag: "issue", value: "other.example" }]);
    const order = await client.order(["caa.example.test"]);
    await acme.prove(client, order);
    const { body } = await client.post(order.body["authorizations"][0]);
    return { ...order, status: body["challenges"][0].error.status, body: body["challenges"][0].error };
  },
  compound: async (_acme, client) =>
    client.post(client.directory["newOrder"], {
      identifiers: [
        { type: "email", value: "a@example.test" },
        { type: "dns", value: "under_score.example.test" },
      ],
    }),
  connection: async (acme, client) => {
    acme.world.down = "connection";
    return challengeError(acme, client, "b.example.test");
  },
  dns: async (acme, client) => {
    acme.world.down = "dns";
    return challengeError(acme, client, "b.example.test");
  },
  externalAccountRequired: async (acme) => {
    await acme.endpoint("bound", { auth: ["secret"] });
    return (await acme.client("bound")).register();
  },
  incorrectResponse: async (acme, client) => challengeError(acme, client, "b.example.test"),
  invalidContact: async (acme) => (await acme.client()).register({ contact: ["mailto:a@b.test?subject=x"] }),
  invalidProfile: async (_acme, client) => client.order(["a.example.test"], { profile: "other" }),
  malformed: async (_acme, client) => client.post(client.directory["newOrder"], { identifiers: [] }),
  orderNotReady: async (_acme, client) =>
    client.post((await client.order(["a.example.test"])).body["finalize"], { csr: csrFor(["a.example.test"]) }),
  rateLimited: async (acme, client) => {
    for (let n = 0; n < 5; n++) await challengeError(acme, client, "b.example.test");
    return client.order(["b.example.test"]);
  },
  rejectedIdentifier: async (_acme, client) => client.order(["a.example.test", "localhost_"]),
  serverInternal: async (acme, client) => {
    const order = await ready(acme, client);
    acme.deps.signer.sign = () => Promise.reject(new Failure("internal", "a secret reason"));
    const reply = await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
    expect(reply.text).not.toContain("secret");
    return reply;
  },
  tls: async (acme, client) => challengeError(acme, client, "b.example.test", "tls-alpn-01"),
  unauthorized: async (_acme, client) => {
    const other = client.state.kid?.replace(/.$/, (last) => (last === "0" ? "1" : "0")) ?? "";
    return client.post(other);
  },
  unsupportedContact: async (acme) => (await acme.client()).register({ contact: ["tel:+1-201-555-0123"] }),
  unsupportedIdentifier: async (_acme, client) =>
    client.post(client.directory["newOrder"], { identifiers: [{ type: "email", value: "a@b.test" }] }),
  userActionRequired: async (acme) => {
    await acme.endpoint("terms", { terms_of_service: "https://ca.example/terms/1" });
    return (await acme.client("terms")).register({});
  },
};

/** Where the status is not the usual one of the type: RFC 8555 7.4 and what this answer is of. */
const refused: ReadonlySet<string> = new Set(["rateLimited"]);

describe("errors", () => {
  it("those that RFC 8555 6.7 lists, one of ARI, one of profiles, and no other", () => {
    const beside = ["alreadyReplaced", "invalidProfile"];
    expect(Object.keys(errorTypes).toSorted()).toEqual([...ofRfc8555, ...beside].toSorted());
    expect(Object.keys(cases).toSorted()).toEqual(Object.keys(errorTypes).toSorted());
  });

  it.each(Object.entries(cases) as [ErrorType, Case][])("%s", async (type, reach) => {
    await using acme = await openAcmeHouse();
    const reply = await reach(acme, await acme.registered());
    expect(reply.body["type"], reply.text).toBe(`urn:ietf:params:acme:error:${type}`);
    expect(reply.body["detail"].length).toBeGreaterThan(10);
    expect(reply.status).toBe(errorTypes[type]);
    expect(reply.headers.get("replay-nonce")).toMatch(/^[A-Za-z0-9_-]{48}$/);
    if (refused.has(type)) expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    if (type === "badSignatureAlgorithm") expect(reply.body["algorithms"]).toContain("ES256");
    if (type === "userActionRequired") {
      expect(reply.body["instance"]).toBe("https://ca.example/terms/1");
      expect(reply.headers.get("link")).toContain('rel="terms-of-service"');
    }
    if (type === "compound") expect(reply.body["subproblems"]).toHaveLength(2);
  });
});
