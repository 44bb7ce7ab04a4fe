/** ACME orders: names, proofs, the request at the end, renewal. */
import { describe, expect, it } from "vitest";
import { profileSpec } from "#shared/contracts/api/profiles";
import { tokenBuckets } from "#shared/adapters/local/limiter";
import { base64url } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { pemDecode } from "#shared/pki/pem";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { createProfileVersion } from "#shared/usecases/profiles";
import { reconcile } from "#shared/usecases/reconcile";
import { retireIssuer } from "#shared/usecases/retire-issuer";
import { ariIdOf } from "#test/acme/ari";
import { type Client, type Reply } from "#test/acme/client";
import { csrFor } from "#test/acme/csr";
import { type AcmeHouse, errorOf, openAcmeHouse, origin, settings, tenant } from "#test/acme/house";
import { adminCall } from "./house.ts";

const said = (reply: Reply): string => `${reply.status} ${errorOf(reply)}`;
const day = 86_400_000;

async function ready(acme: AcmeHouse, client: Client, names: readonly string[], more: object = {}): Promise<Reply> {
  const order = await client.order(names, more);
  expect(order.status, order.text).toBe(201);
  await acme.prove(client, order);
  return order;
}

async function issue(acme: AcmeHouse, client: Client, names: readonly string[], more: object = {}) {
  const order = await ready(acme, client, names, more);
  const done = await client.post(order.body["finalize"], { csr: csrFor(names) });
  expect(done.status, done.text).toBe(200);
  const { text } = await client.post(done.body["certificate"]);
  const certificate = parseCertificate(pemDecode(text, "CERTIFICATE")[0] ?? new Uint8Array(0));
  const ari = await ariIdOf(acme, certificate.der);
  return { order, done, certificate, ari };
}

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

describe("an order", () => {
  it.each<[string, object, string]>([
    ["a bad name", { identifiers: [{ type: "dns", value: "a..test" }] }, "403 rejectedIdentifier"],
    ["a bare wildcard", { identifiers: [{ type: "dns", value: "*" }] }, "403 rejectedIdentifier"],
    ["an address as a name", { identifiers: [{ type: "dns", value: "192.0.2.1" }] }, "403 rejectedIdentifier"],
    ["an address in another form", { identifiers: [{ type: "ip", value: "2001:DB8::1" }] }, "403 rejectedIdentifier"],
    [
      "a name twice",
      {
        identifiers: [
          { type: "dns", value: "a.test" },
          { type: "dns", value: "A.test" },
        ],
      },
      "400 malformed",
    ],
    ["no names", {}, "400 malformed"],
    ["a moment that is none", { notAfter: "tomorrow" }, "400 malformed"],
    ["an end in the past", { notAfter: "2020-01-01T00:00:00Z" }, "400 malformed"],
    ["an end beyond the profile's", { notAfter: "2030-01-01T00:00:00Z" }, "400 malformed"],
    ["a begin in the future", { notBefore: "2026-12-24T00:00:00Z" }, "400 malformed"],
    ["a begin long ago", { notBefore: "2026-11-22T00:00:00Z" }, "400 malformed"],
    [
      "an end before its begin",
      { notBefore: "2026-11-23T12:30:00Z", notAfter: "2026-11-23T12:20:00Z" },
      "400 malformed",
    ],
    ["a certificate id that is none", { replaces: "x" }, "400 malformed"],
    ["an unknown certificate", { replaces: "AAAA.AAAA" }, "400 malformed"],
  ])("for %s is refused", async (_what, asked, expected) => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const identifiers =
      "identifiers" in asked || Object.keys(asked).length === 0
        ? {}
        : { identifiers: [{ type: "dns", value: "a.test" }] };
    expect(said(await client.post(client.directory["newOrder"], { ...identifiers, ...asked }))).toBe(expected);
  });

  it("is held to the profile of the endpoint when it is made", async () => {
    await using acme = await openAcmeHouse();
    const spec = profileSpec.parse({ allowed_dns_suffixes: ["example.test"], allow_wildcards: false });
    await createProfileVersion(acme.house.deps, adminCall(tenant), "default", spec);
    const client = await acme.registered();
    for (const name of ["a.elsewhere.test", "*.example.test", "192.0.2.1"])
      expect(said(await client.order([name])), name).toBe("403 rejectedIdentifier");
    const both = await client.order(["a.elsewhere.test", "b.elsewhere.test", "ok.example.test"]);
    expect(
      both.body["subproblems"].map(({ identifier }: { identifier: { value: string } }) => identifier.value),
    ).toEqual(["a.elsewhere.test", "b.elsewhere.test"]);
  });

  it("ends when it says, with the certificate that it asked for", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const now = acme.deps.clock.now();
    const notAfter = new Date(now + 3 * day).toISOString();
    const notBefore = new Date(now - 7_200_000).toISOString();
    const { certificate, order } = await issue(acme, client, ["a.example.test"], {
      notAfter,
      notBefore,
      profile: "default",
    });
    expect(order.body).toMatchObject({ notAfter, notBefore, profile: "default" });
    expect([certificate.notBeforeMs, certificate.notAfterMs]).toEqual([now - 7_200_000, now + 3 * day]);
    const ahead = new Date(now + 1_800_000).toISOString();
    const later = await issue(acme, client, ["a.example.test"], { notBefore: ahead });
    expect(later.certificate.notBeforeMs).toBe(now + 1_800_000);
    const longest = new Date(now - 120_000 + 90 * day).toISOString();
    const whole = await issue(acme, client, ["a.example.test"], { notAfter: longest });
    expect(whole.certificate.notAfterMs).toBe(Date.parse(longest));
    const stale = await client.order(["a.example.test"], { notBefore });
    acme.house.advance(22 * 3_600_000);
    expect(said(await client.post(stale.body["finalize"], { csr: csrFor(["a.example.test"]) }))).toBe("400 malformed");
    const late = await client.order(["b.example.test"]);
    acme.house.advance(8 * day);
    expect((await client.post(late.headers.get("location") ?? "")).body["status"]).toBe("invalid");
    expect((await client.post(late.body["authorizations"][0])).body["status"]).toBe("expired");
    expect(said(await client.post(late.body["finalize"], { csr: csrFor(["b.example.test"]) }))).toBe(
      "403 orderNotReady",
    );
    const { body } = await client.post(late.body["authorizations"][0]);
    expect(
      said(
        await client.post(
          body["challenges"]?.[0]?.url ?? `${late.body["authorizations"][0].replace("authz", "chall")}/http-01`,
          {},
        ),
      ),
    ).toBe("409 malformed");
  });

  it("a person decides: refused is invalid, and says why", async () => {
    await using acme = await openAcmeHouse();
    await updateEndpoint(acme.house.deps, adminCall(tenant), "web", { ...settings, approval: "manual" });
    const client = await acme.registered();
    const order = await ready(acme, client, ["a.example.test"]);
    const csr = csrFor(["a.example.test"]);
    for (let n = 0; n < 2; n++)
      expect((await client.post(order.body["finalize"], { csr })).body["status"]).toBe("processing");
    expect(said(await client.post(order.headers.get("location")?.replace("order", "cert") ?? ""))).toBe(
      "404 malformed",
    );
    const [request] = (await acme.deps.log.list(tenant, "enrolment-request", { limit: 10 })).items;
    await refuseRequest(acme.house.deps, adminCall(tenant), request?.id ?? "", "not this one");
    const { body } = await client.post(order.headers.get("location") ?? "");
    expect(body).toMatchObject({ status: "invalid", error: { detail: "not this one" } });
  });

  it("stands in the account's list, in pages, unless it came to nothing", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const made: string[] = [];
    for (let n = 0; n < 23; n++) {
      acme.house.advance(1);
      made.push((await client.order(["a.example.test"])).headers.get("location") ?? "");
    }
    const dead = await client.order(["b.example.test"]);
    await client.post(dead.body["authorizations"][0], { status: "deactivated" });
    const url = client.state.kid?.replace("/acct/", "/orders/") ?? "";
    const listed: string[][] = [];
    for (let next: string | undefined = url; next !== undefined; ) {
      const page = await client.post(next);
      listed.push(page.body["orders"]);
      next = /<([^>]+)>;rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
    }
    expect(listed.flat()).toEqual(made);
    expect(listed.map(({ length }) => length)).toEqual([10, 10, 3]);
  });
});

describe("proofs", () => {
  it("are reused by their account alone, until they end or are given up", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const order = await ready(acme, client, ["a.example.test"]);
    const next = await client.order(["a.example.test"]);
    expect(next.body["authorizations"]).toEqual(order.body["authorizations"]);
    expect((await (await acme.registered()).order(["a.example.test"])).body["status"]).toBe("pending");
    await client.post(order.body["authorizations"][0], { status: "deactivated" });
    expect((await client.order(["a.example.test"])).body["status"]).toBe("pending");
    // What was ready by it is so no longer.
    expect(said(await client.post(next.body["finalize"], { csr: csrFor(["a.example.test"]) }))).toBe(
      "403 orderNotReady",
    );
    const again = await ready(acme, client, ["a.example.test"]);
    acme.house.advance(31 * day);
    expect((await client.order(["a.example.test"])).body["status"]).toBe("pending");
    expect((await client.post(again.body["authorizations"][0])).body["status"]).toBe("expired");
  });

  it("ahead of orders, by newAuthz, never for a wildcard", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    const url = client.directory["newAuthz"];
    const made = await client.post(url, { identifier: { type: "dns", value: "a.example.test" } });
    expect(made.status).toBe(201);
    const location = made.headers.get("location") ?? "";
    await acme.prove(client, { ...made, body: { authorizations: [location] } });
    const again = await client.post(url, { identifier: { type: "dns", value: "a.example.test" } });
    expect([again.status, again.headers.get("location"), again.body["status"]]).toEqual([200, location, "valid"]);
    expect((await client.order(["a.example.test"])).body["status"]).toBe("ready");
    expect(said(await client.post(url, { identifier: { type: "dns", value: "*.example.test" } }))).toBe(
      "400 malformed",
    );
  });

  it("that fail are asked for again while they may go otherwise; another challenge is then none", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    acme.world.down = "connection";
    acme.world.slowMs = 5;
    const order = await client.order(["a.example.test"]);
    const { body } = await client.post(order.body["authorizations"][0]);
    const url = (type: string) => body["challenges"].find((one: { type: string }) => one.type === type).url as string;
    const first = await client.post(url("http-01"), {});
    expect(first.body["status"]).toBe("processing");
    expect((await client.post(order.body["authorizations"][0])).headers.get("retry-after")).toBe("1");
    expect((await client.post(url("http-01"), {})).body["status"]).toBe("processing");
    expect(said(await client.post(url("dns-01"), {}))).toBe("409 malformed");
    await acme.validate();
    expect(acme.world.asked).toBe(3);
    const over = await client.post(order.body["authorizations"][0]);
    expect(over.body).toMatchObject({ status: "invalid", challenges: [{ type: "http-01", status: "invalid" }] });
    expect(over.body["challenges"]).toHaveLength(1);
    expect(over.body["challenges"][0].error.type).toBe("urn:ietf:params:acme:error:connection");
    expect((await client.post(url("http-01"), {})).body["status"]).toBe("invalid");
  });

  it("CAA is asked again when the last answer is eight hours old", async () => {
    await using acme = await openAcmeHouse();
    const client = await acme.registered();
    await ready(acme, client, ["a.example.test", "*.example.test"].slice(0, 1));
    acme.world.caa.set("example.test", [{ critical: false, tag: "issue", value: "other.example" }]);
    const fresh = await client.order(["a.example.test"]);
    expect((await client.post(fresh.body["finalize"], { csr: csrFor(["a.example.test"]) })).body["status"]).toBe(
      "valid",
    );
    acme.house.advance(9 * 3_600_000);
    const stale = await client.order(["a.example.test"]);
    expect(said(await client.post(stale.body["finalize"], { csr: csrFor(["a.example.test"]) }))).toBe("403 caa");
    const accounturi = `issue`;
    acme.world.caa.set("example.test", [
      {
        critical: false,
        tag: accounturi,
        value: `ca.example; accounturi=${client.state.kid}; validationmethods=http-01`,
      },
    ]);
    expect((await client.post(stale.body["finalize"], { csr: csrFor(["a.example.test"]) })).body["status"]).toBe(
      "valid",
    );
  });
});

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
  const limiter = { take: (key: string) => ({ ok: false as const, retryAfter: key === "acme/acme" ? 7 : 1 }) };
  await using acme = await openAcmeHouse(() => ({ limiter }));
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
