/** The rules that all enrolment protocols share, at their one seam (behaviour §21). */
import { describe, expect, it } from "vitest";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { Failure } from "#shared/kernel/failure";
import { canonicalName } from "#shared/pki/general-name";
import { enrol, enrolled } from "#shared/usecases/enrol";
import type { Enrolled, Enrolment } from "#shared/usecases/enrolment";
import { createCredential, credentialFor } from "#shared/usecases/enrolment-credentials";
import { disableEndpoint, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { createOwner, deleteOwner } from "#shared/usecases/owners";
import { createProfileVersion } from "#shared/usecases/profiles";
import { reconcile } from "#shared/usecases/reconcile";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { sha256Parts } from "#shared/crypto/hash";
import { idempotencyKeyOf } from "#shared/http/idempotency";
import { profileSpec } from "#shared/contracts/api/profiles";
import { adminCall, newCsr, openHouse } from "./house.ts";
import { settings, day, tenant, open, credentialOf, asking, issuedOf } from "./enrolling.ts";

describe("enrol", () => {
  it("issues, and says where it came from; the same transaction is answered the same and writes nothing", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const csr = newCsr("a.example.test");
    const first = issuedOf(await enrol(deps, asking(endpoint, csr)));
    expect(first.certificate.state).toMatchObject({ protocol: "est", endpoint: "web", sans: ["dns:a.example.test"] });
    const heads = await deps.log.heads(tenant);
    const again = issuedOf(await enrol(deps, asking(endpoint, csr)));
    expect(again.certificate.id).toBe(first.certificate.id);
    expect(Buffer.from(again.der).equals(first.der)).toBe(true);
    expect(issuedOf(await enrolled(deps, { endpoint, protocol: "est", transaction: "t-1" })).certificate.id).toBe(
      first.certificate.id,
    );
    expect(await enrolled(deps, { endpoint, protocol: "est", transaction: "t-2" })).toBeUndefined();
    expect(await deps.log.heads(tenant)).toEqual(heads);
    await expect(enrol(deps, asking(endpoint, newCsr("a.example.test")))).rejects.toMatchObject({
      code: "idempotency_mismatch",
    });
    await expect(enrol(deps, asking(endpoint, csr, { subject: "est:other" }))).rejects.toMatchObject({
      code: "idempotency_mismatch",
    });
    const [event] = await deps.log.read(tenant, 0, heads[0] === undefined ? 0 : heads[0].seq - 1, 1);
    expect(event).toMatchObject({ type: "certificate.issued", actor: { subject: "est:test", roles: [] } });
    expect((await reconcile(deps, adminCall(tenant))).unjournalled).toEqual([]);
  });

  it("what it remembers a transaction by is nothing that a client of the API can send as its Idempotency-Key", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    issuedOf(await enrol(house.deps, asking(endpoint, newCsr("a.example.test"))));
    const key = `enrol ${sha256Parts("trstctl/enrol/1", "web", "est", "t-1")}`;
    expect(await house.deps.log.replayOf(tenant, key)).toBeDefined();
    expect(() => idempotencyKeyOf(new Headers({ "idempotency-key": key }))).toThrow(/printable/);
  });

  it.each<[string, Partial<EndpointSettings> | undefined]>([
    ["disabled", undefined],
    ["closed to the protocol", { protocols: ["cmp"] }],
  ])("an endpoint that is %s meanwhile issues nothing", async (_what, over) => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    let asked = 0;
    const touches = async () => {
      if (asked++ > 0) return [];
      await (over === undefined
        ? disableEndpoint(deps, adminCall(tenant), "web")
        : updateEndpoint(deps, adminCall(tenant), "web", { ...settings, ...over }));
      return [];
    };
    await expect(enrol(deps, asking(endpoint, newCsr("a.example.test"), { touches }))).rejects.toMatchObject({
      code: "not_found",
    });
    expect(
      (await deps.log.list(tenant, "certificate", { limit: 10 })).items.map(({ state }) => state?.protocol),
    ).not.toContain("est");
  });

  it("one transaction that comes many times at once is one certificate and one signature", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const csr = newCsr("a.example.test");
    const all = await Promise.all(Array.from({ length: 8 }, () => enrol(house.deps, asking(endpoint, csr))));
    expect(new Set(all.map((answer) => issuedOf(answer).certificate.id)).size).toBe(1);
  });

  it("the same bytes when the first answer is forgotten bring a new certificate, but not by a credential for one use", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const expiresAt = new Date(deps.clock.now() + 60 * day).toISOString();
    const make = async (maxUses: number | null) => {
      const command = { endpoint: "web", names: [], maxUses, expiresAt };
      const { id } = await createCredential(deps, adminCall(tenant), command);
      return (await credentialFor(deps, endpoint, id)).credential;
    };
    const [once, often] = [await make(1), await make(null)];
    const [first, second] = [newCsr("a.example.test"), newCsr("b.example.test")];
    const ask = async (transaction: string, csr: Uint8Array, credential: Enrolment["credential"]) =>
      issuedOf(await enrol(deps, asking(endpoint, csr, { transaction, credential }))).certificate.id;
    const [ofOnce, ofOften] = [await ask("once", first, once), await ask("often", second, often)];
    house.advance(7 * day - 1);
    expect(await ask("once", first, once)).toBe(ofOnce);
    expect(await ask("often", second, often)).toBe(ofOften);
    house.advance(1);
    await expect(ask("once", first, once)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await ask("often", second, often)).not.toBe(ofOften);
    expect((await reconcile(deps, adminCall(tenant))).repaired).toEqual([]);
  });

  it("what was signed and not recorded is taken up by the next try of the transaction: one signature, one use", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const { id, check } = await credentialOf(house, "web");
    const credential = await check();
    const csr = newCsr("a.example.test");
    let fail = true;
    const log = {
      ...house.deps.log,
      commit(append: Parameters<typeof house.deps.log.commit>[0]) {
        if (!fail || append.event.type !== "certificate.issued") return house.deps.log.commit(append);
        fail = false;
        return Promise.reject(new Failure("unavailable", "the disk is full"));
      },
    };
    const deps = { ...house.deps, log };
    await expect(enrol(deps, asking(endpoint, csr, { credential }))).rejects.toMatchObject({ code: "unavailable" });
    house.advance(5_000);
    issuedOf(await enrol(deps, asking(endpoint, csr, { credential })));
    expect((await log.load(tenant, "enrolment-credential", id)).state?.uses).toHaveLength(1);
    house.advance(120_000);
    expect(await reconcile(deps, adminCall(tenant))).toMatchObject({ repaired: [], unjournalled: [], inFlight: 0 });
  });

  it("a transaction whose certificate was revoked brings no other", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const csr = newCsr("a.example.test");
    const { certificate } = issuedOf(await enrol(house.deps, asking(endpoint, csr)));
    await revokeCertificate(house.deps, adminCall(tenant), certificate.id, "keyCompromise");
    await expect(enrol(house.deps, asking(endpoint, csr))).rejects.toMatchObject({ code: "conflict" });
  });

  it("gives the certificate the endpoint's owner, issuer and version of a profile", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const owner = await createOwner(deps, adminCall(tenant), { kind: "team", name: "devices", email: null });
    const spec = profileSpec.parse({ default_validity_seconds: 3600 });
    const pinned = await createProfileVersion(deps, adminCall(tenant), "short", spec);
    await createProfileVersion(deps, adminCall(tenant), "short", profileSpec.parse({}));
    const endpoint = await open(house, "owned", { owner, profile: pinned });
    const { certificate } = issuedOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    expect(certificate.state).toMatchObject({ owner, profile: "short@1" });
    expect((await deps.log.load(tenant, "owner", owner)).state?.references).toBe(2);
    await expect(deleteOwner(deps, adminCall(tenant), owner)).rejects.toMatchObject({ code: "conflict" });
  });

  it("names that the protocol proved must be the request's, of every kind and exactly", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const dns = canonicalName("dns", "a.example.test");
    const ip = canonicalName("ip", "10.0.0.1");
    const ask = (transaction: string, csr: Uint8Array, names: Enrolment["names"]) =>
      enrol(house.deps, asking(endpoint, csr, { transaction, names }));
    for (const [n, names] of [[dns, ip], [ip], [canonicalName("dns", "b.example.test")], []].entries())
      await expect(ask(`no-${n}`, newCsr("a.example.test"), names)).rejects.toMatchObject({
        code: "unprocessable",
        field: "csr",
      });
    await expect(ask("beyond", newCsr("a.example.test", "b.example.test"), [dns])).rejects.toMatchObject({
      code: "unprocessable",
    });
    issuedOf(await ask("yes", newCsr("A.example.test"), [dns]));
  });

  it("the profile decides as for the API: protocols, names, lifetime", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const create = (name: string, spec: object) =>
      createProfileVersion(deps, adminCall(tenant), name, profileSpec.parse(spec));
    await create("api-only", { allowed_protocols: ["api"] });
    await create("inside", {
      allowed_dns_suffixes: ["inside.test"],
      max_validity_seconds: 3600,
      default_validity_seconds: 600,
    });
    const apiOnly = await open(house, "api-only", { profile: "api-only" });
    await expect(enrol(deps, asking(apiOnly, newCsr("a.example.test")))).rejects.toMatchObject({
      code: "unprocessable",
      field: "profile",
    });
    const inside = await open(house, "inside", { profile: "inside" });
    await expect(enrol(deps, asking(inside, newCsr("a.example.test")))).rejects.toMatchObject({
      code: "unprocessable",
    });
    const now = deps.clock.now();
    const ask = (transaction: string, over: Partial<Enrolment>) =>
      enrol(deps, asking(inside, newCsr("a.inside.test"), { transaction, ...over }));
    await expect(ask("1", { validitySeconds: 3601 })).rejects.toMatchObject({ field: "validity_seconds" });
    await expect(ask("2", { notAfterMs: now + 3_601_000 })).rejects.toMatchObject({ field: "validity_seconds" });
    await expect(ask("3", { notAfterMs: now })).rejects.toMatchObject({ field: "not_after" });
    const ends = async (answer: Promise<Enrolled>) =>
      Date.parse(issuedOf(await answer).certificate.state.not_after) - now;
    expect(await ends(ask("4", { notAfterMs: now + 300_000 }))).toBe(300_000);
    expect(await ends(ask("5", { notAfterMs: now + 3_600_000 }))).toBe(3_539_000);
    expect(await ends(ask("6", {}))).toBe(539_000);
  });
});
