/** ACME from account to revocation, as RFC 8555 tells it. */
import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url } from "#shared/kernel/bytes";
import { clientAlgorithms } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { errorOf, openAcmeHouse, origin, tenant } from "#test/acme/house";

const pemBlocks = (text: string): string[] => text.match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g) ?? [];

describe("a certificate", () => {
  it("from account, order, http-01 and finalize; its chain verifies; the next order reuses the proof", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await client.order(["a.example.test", "b.example.test"]);
    expect(order.status).toBe(201);
    expect(order.body).toMatchObject({
      status: "pending",
      identifiers: [{ type: "dns", value: "a.example.test" }, {}],
    });
    expect(order.headers.get("location")).toMatch(`${origin}/acme/web/order/`);
    await acme.prove(client, order);
    const location = order.headers.get("location") ?? "";
    expect((await client.post(location)).body).toMatchObject({ status: "ready" });
    const csr = csrFor(["a.example.test", "b.example.test"]);
    const done = await client.post(order.body["finalize"], { csr });
    expect(done.body).toMatchObject({ status: "valid", certificate: expect.stringContaining("/cert/") as string });
    const chain = await client.post(done.body["certificate"]);
    expect(chain.headers.get("content-type")).toBe("application/pem-certificate-chain");
    const [leaf, issuer] = pemBlocks(chain.text).map((pem) => new X509Certificate(pem));
    expect(leaf?.subjectAltName).toBe("DNS:a.example.test, DNS:b.example.test");
    expect(issuer !== undefined && leaf?.verify(issuer.publicKey)).toBe(true);

    const { state } = (await acme.deps.log.list(tenant, "certificate", { limit: 100 })).items.find(
      (one) => one.state.protocol === "acme",
    ) ?? { state: undefined };
    expect(state).toMatchObject({ protocol: "acme", endpoint: "web", status: "active" });
    const [logged] = (await acme.deps.log.read(tenant, 0, 0, 1000)).filter(
      ({ event }) => event.type === "certificate.issued",
    );
    expect(logged?.actor.subject).toBe(`acme:account/${client.state.kid?.split("/").at(-1) ?? ""}`);

    const again = await client.order(["b.example.test"]);
    expect(again.body["status"]).toBe("ready");
    expect((await client.post(again.body["authorizations"][0])).body["status"]).toBe("valid");
    expect(acme.house.reported).toEqual([]);
  });

  it.each(clientAlgorithms)("for an account whose key signs %s", async (alg) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered("web", alg);
    const order = await client.order(["a.example.test"]);
    await acme.prove(client, order);
    const done = await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) });
    expect(done.body["status"]).toBe("valid");
  });

  it("for an IP address, and for a wildcard by dns-01", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const address = await client.order(["192.0.2.7", "2001:db8::7"]);
    await acme.prove(client, address);
    const done = await client.post(address.body["finalize"], {
      csr: csrFor(["192.0.2.7", "2001:db8::7"], { cn: "192.0.2.7" }),
    });
    expect(done.body["status"]).toBe("valid");

    const wild = await client.order(["*.example.test"]);
    const { body } = await client.post(wild.body["authorizations"][0]);
    expect(body).toMatchObject({ wildcard: true, identifier: { type: "dns", value: "example.test" } });
    expect(body["challenges"].map(({ type }: { type: string }) => type)).toEqual(["dns-01"]);
    const { createHash } = await import("node:crypto");
    const digest = createHash("sha256")
      .update(client.keyAuthorization(body["challenges"][0].token))
      .digest("base64url");
    acme.world.txt.set("_acme-challenge.example.test", [digest]);
    const tried = await client.post(body["challenges"][0].url, {});
    expect(tried.body["status"]).toBe("processing");
    expect(tried.headers.get("retry-after")).toBe("1");
    expect(tried.headers.get("link")).toContain('rel="up"');
    await acme.validate();
    const finalized = await client.post(wild.body["finalize"], { csr: csrFor(["*.example.test"]) });
    expect(finalized.body["status"]).toBe("valid");
    // The proof of a wildcard is none of the name itself, nor the other way round.
    expect((await client.order(["example.test"])).body["status"]).toBe("pending");
  });
});

it("revocation: by the account, by the certificate's key, by who is authorized for its names; once", async () => {
  await using acme = await openAcmeHouse();
  const client = await acme.registered();
  const { newKey } = await import("#test/acme/client");
  const url = client.directory["revokeCert"];
  const issue = async (key = newKey()) => {
    const order = await client.order(["a.example.test"]);
    await acme.prove(client, order);
    const done = await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"], { key }) });
    const [leaf = ""] = pemBlocks((await client.post(done.body["certificate"])).text);
    return base64url(new X509Certificate(leaf).raw);
  };
  const first = await issue();
  expect(errorOf(await client.post(url, { certificate: first, reason: 6 }))).toBe("badRevocationReason");
  expect((await client.post(url, { certificate: first, reason: 4 })).status).toBe(200);
  expect(errorOf(await client.post(url, { certificate: first }))).toBe("alreadyRevoked");

  const key = newKey();
  const second = await issue(key);
  expect(errorOf(await client.post(url, { certificate: second }, { byKey: true, key: newKey() }))).toBe("unauthorized");
  expect((await client.post(url, { certificate: second, reason: 1 }, { byKey: true, key })).status).toBe(200);

  const third = await issue();
  const other = await acme.registered();
  expect(errorOf(await other.post(url, { certificate: third }))).toBe("unauthorized");
  await acme.prove(other, await other.order(["a.example.test"]));
  expect((await other.post(url, { certificate: third })).status).toBe(200);

  const states = (await acme.deps.log.list(tenant, "certificate", { limit: 100 })).items
    .filter(({ state }) => state.protocol === "acme")
    .map(({ state }) => state.reason);
  expect(new Set(states)).toEqual(new Set(["keyCompromise", "superseded", "unspecified"]));
});
