/** When ACME certificates are renewed (RFC 9773), and how much may be asked for. */
import { describe, expect, it } from "vitest";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { base64url } from "#shared/kernel/bytes";
import { retireIssuer } from "#shared/usecases/retire-issuer";
import type { Client } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, openAcmeHouse, origin, tenant } from "#test/acme/house";
import { issue, ready, said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

describe("limits", () => {
  const few = (acme: () => AcmeHouse["deps"]["clock"]) =>
    tokenBuckets({ capacity: 2, refillPerSecond: 1 / 60, clock: acme(), maxBuckets: 100 });

  it("of certificates for a name; a renewal is not held back by its name", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: { ...enrolmentLimits, perName: few(() => clock) },
    }));
    const client = await acme.registered();
    const { ari } = await issue(acme, client, ["a.example.test"]);
    await issue(acme, client, ["a.example.test"]);
    const late = await ready(acme, client, ["a.example.test"]);
    const csr = csrFor(["a.example.test"]);
    const over = await client.post(late.body["finalize"], { csr });
    expect([said(over), over.headers.get("retry-after")]).toEqual(["429 rateLimited", "60"]);
    await issue(acme, client, ["b.example.test"]);
    await issue(acme, client, ["a.example.test"], { replaces: ari });
    acme.house.advance(60_000);
    expect((await client.post(late.body["finalize"], { csr })).body["status"]).toBe("valid");
  });

  it("of orders by one account, and of accounts from one address", async () => {
    await using acme = await openAcmeHouse(({ enrolmentLimits, clock }) => ({
      enrolmentLimits: { ...enrolmentLimits, perSubject: few(() => clock) },
    }));
    const client = await acme.registered();
    for (const name of ["a.test", "b.test"]) expect((await client.order([name])).status).toBe(201);
    expect(said(await client.order(["c.test"]))).toBe("429 rateLimited");
    await acme.registered();
    expect(said(await (await acme.client()).register())).toBe("429 rateLimited");
  });
});

it("strangers who ask too much of a tenant's endpoint are held off by a bucket of their own", async () => {
  const take = (key: string) => ({ ok: false as const, retryAfter: key === "acme/acme" ? 7 : 1 });
  await using acme = await openAcmeHouse(({ limiter }) => ({ limiter: { ...limiter, take } }));
  const reply = await (await acme.client()).ask("GET", `${origin}/acme/web/directory`);
  expect([said(reply), reply.headers.get("retry-after")]).toEqual(["429 rateLimited", "7"]);
});

describe("renewal information (RFC 9773)", () => {
  const windowOf = async (client: Client, ari: string) => {
    const reply = await client.ask("GET", `${client.directory["renewalInfo"]}/${ari}`);
    const { start, end } = reply.body["suggestedWindow"] ?? {};
    return { reply, start: Date.parse(start), end: Date.parse(end) };
  };

  it("is the second last sixth of its life, and at once when it is revoked or its CA out of use", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const { certificate, ari, order } = await issue(acme, client, ["a.example.test"]);
    const { reply, start, end } = await windowOf(client, ari);
    const life = certificate.notAfterMs - certificate.notBeforeMs;
    expect(reply.headers.get("retry-after")).toBe("21600");
    expect(Math.abs(start - (certificate.notAfterMs - life / 3))).toBeLessThan(2);
    expect(Math.abs(end - (certificate.notAfterMs - life / 6))).toBeLessThan(2);
    const [issuer] = (await acme.deps.log.list(tenant, "issuer", { limit: 10 })).items.filter(
      ({ state }) => state.role === "issuing",
    );
    const second = await issue(acme, client, ["b.example.test"]);
    await client.post(client.directory["revokeCert"], { certificate: base64url(second.certificate.der) });
    expect((await windowOf(client, second.ari)).end).toBeLessThan(acme.deps.clock.now());
    await retireIssuer(acme.house.deps, adminCall(tenant), issuer?.id ?? "");
    expect((await windowOf(client, ari)).end).toBeLessThan(acme.deps.clock.now());
    expect(order.body["status"]).toBe("pending");
  });

  it("of what is unknown, of another endpoint, or no id at all, is none", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const { ari } = await issue(acme, client, ["a.example.test"]);
    await acme.endpoint("other");
    const elsewhere = await acme.client("other");
    expect(said((await windowOf(elsewhere, ari)).reply)).toBe("404 malformed");
    expect(said((await windowOf(client, `${ari.split(".")[0]}.AAAA`)).reply)).toBe("404 malformed");
    for (const id of ["x", "AAAA", "AA.AA.AA", ".AA", "AB.AA"])
      expect(said((await windowOf(client, id)).reply), id).toBe("400 malformed");
  });

  it("an order that replaces: its own account's, with a name in common, also after revocation", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const { ari, certificate } = await issue(acme, client, ["a.example.test"]);
    expect(said(await (await acme.registered()).order(["a.example.test"], { replaces: ari }))).toBe("400 malformed");
    expect(said(await client.order(["b.example.test"], { replaces: ari }))).toBe("400 malformed");
    await client.post(client.directory["revokeCert"], { certificate: base64url(certificate.der) });
    await issue(acme, client, ["a.example.test", "b.example.test"], { replaces: ari });
    const states = (await acme.deps.log.list(tenant, "certificate", { limit: 100 })).items.filter(
      ({ state }) => state.protocol === "acme",
    );
    const old = states.find(({ state }) => state.serial === certificate.serialHex);
    expect(old?.state).toMatchObject({ status: "revoked", replaced_by: states.find((one) => one !== old)?.id });
  });
});
