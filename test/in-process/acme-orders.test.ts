/** ACME orders and proofs: names, ends, lists, what is reused. */
import { describe, expect, it } from "vitest";
import { profileSpec } from "#shared/contracts/api/profiles";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { createProfileVersion } from "#shared/usecases/profiles";
import { csrFor } from "#test/acme/csr";
import { openAcmeHouse, settings, tenant } from "#test/acme/house";
import { issue, ready, said } from "#test/acme/steps";
import { adminCall } from "./house.ts";

const day = 86_400_000;

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
    acme.house.advance(day); // its issuer is older than what is asked for
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
