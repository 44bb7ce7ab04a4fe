/** The request that ends an ACME order (RFC 8555 7.4): exactly what was ordered, once. */
import { describe, expect, it } from "vitest";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { reconcile } from "#shared/usecases/reconcile";
import { csrFor } from "#test/acme/csr";
import { openAcmeHouse, tenant } from "#test/acme/house";
import { ready, said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

describe("the request at finalize", () => {
  it.each<[string, () => string]>([
    ["with a name too many", () => csrFor(["a.example.test", "b.example.test", "evil.example.test"])],
    ["with a name too few", () => csrFor(["a.example.test"])],
    ["with another name", () => csrFor(["a.example.test", "c.example.test"])],
    ["with another common name", () => csrFor(["a.example.test", "b.example.test"], { cn: "evil.example.test" })],
    ["with an address instead", () => csrFor(["a.example.test", "192.0.2.1"])],
    ["that is cut off", () => csrFor(["a.example.test", "b.example.test"]).slice(0, -8)],
    ["in base64 of the other alphabet", () => "++//"],
    ["whose signature is broken", () => `${csrFor(["a.example.test", "b.example.test"]).slice(0, -4)}AAAA`],
  ])("%s is refused, and the order stays ready", async (_what, csr) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await ready(acme, client, ["a.example.test", "b.example.test"]);
    expect(said(await client.post(order.body["finalize"], { csr: csr() }))).toBe("400 badCSR");
    expect((await client.post(order.headers.get("location") ?? "")).body["status"]).toBe("ready");
    const good = csrFor(["b.example.test", "a.example.test"], { cn: "a.example.test" });
    expect((await client.post(order.body["finalize"], { csr: good })).body["status"]).toBe("valid");
  });

  it("under the account's own key is refused; names in the common name alone are taken", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await ready(acme, client, ["a.example.test", "b.example.test"]);
    const own = csrFor(["a.example.test", "b.example.test"], { key: client.state.key });
    expect(said(await client.post(order.body["finalize"], { csr: own }))).toBe("400 badCSR");
    const split = csrFor(["b.example.test"], { cn: "a.example.test" });
    const done = await client.post(order.body["finalize"], { csr: split });
    const { text } = await client.post(done.body["certificate"]);
    const leaf = parseCertificate(pemDecode(text, "CERTIFICATE")[0] ?? new Uint8Array(0));
    expect(leaf.sans.map((name) => (name.type === "other" ? "" : name.value)).toSorted()).toEqual([
      "a.example.test",
      "b.example.test",
    ]);
  });

  it("many times at once is one certificate; the same again is answered the same, another is refused", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await ready(acme, client, ["a.example.test"]);
    const csr = csrFor(["a.example.test"]);
    const nonces = await Promise.all(Array.from({ length: 6 }, () => client.freshNonce()));
    const all = await Promise.all(nonces.map((nonce) => client.post(order.body["finalize"], { csr }, { nonce })));
    expect(all.map(({ body }) => body["status"])).toEqual(nonces.map(() => "valid"));
    expect(said(await client.post(order.body["finalize"], { csr: csrFor(["a.example.test"]) }))).toBe(
      "403 orderNotReady",
    );
    const two = await ready(acme, client, ["a.example.test"]);
    const more = [csrFor(["a.example.test"]), csrFor(["a.example.test"])];
    const fresh = [await client.freshNonce(), await client.freshNonce()];
    await Promise.all(
      more.map((each, at) => client.post(two.body["finalize"], { csr: each }, { nonce: fresh[at] ?? "" })),
    );
    const certificates = (await acme.deps.log.list(tenant, "certificate", { limit: 100 })).items.filter(
      ({ state }) => state.protocol === "acme",
    );
    expect(certificates).toHaveLength(2);
    acme.house.advance(180_000);
    expect((await reconcile(acme.deps, adminCall(tenant))).unjournalled).toEqual([]);
  });

  it("of two accounts with one request are two certificates", async () => {
    await using acme = await openAcmeHouse();
    const csr = csrFor(["a.example.test"]);
    const urls = new Set<string>();
    for (const client of [await acme.registered(), await acme.registered()]) {
      const order = await ready(acme, client, ["a.example.test"]);
      const done = await client.post(order.body["finalize"], { csr });
      const { text } = await client.post(done.body["certificate"]);
      urls.add(parseCertificate(pemDecode(text, "CERTIFICATE")[0] ?? new Uint8Array(0)).serialHex);
    }
    expect(urls.size).toBe(2);
  });
});
