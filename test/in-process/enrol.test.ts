/** The rules that all enrolment protocols share, at their one seam (behaviour §21). */
import { describe, expect, it } from "vitest";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { Failure } from "#shared/kernel/failure";
import { canonicalName } from "#shared/pki/general-name";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { enrol, enrolled } from "#shared/usecases/enrol";
import type { Enrolled, Enrolment } from "#shared/usecases/enrolment";
import {
  checkCredential,
  createCredential,
  credentialFor,
  revokeCredential,
} from "#shared/usecases/enrolment-credentials";
import { createEndpoint, disableEndpoint, endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import type { Issued } from "#shared/usecases/issue-certificate";
import { createOwner, deleteOwner } from "#shared/usecases/owners";
import { createProfileVersion } from "#shared/usecases/profiles";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import { reconcile } from "#shared/usecases/reconcile";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { sha256Parts } from "#shared/crypto/hash";
import { idempotencyKeyOf } from "#shared/http/idempotency";
import { commonName } from "#shared/pki/name";
import { readCertificateRequest } from "#shared/usecases/certificate-request";
import { profileSpec } from "#shared/contracts/api/profiles";
import { endpointSettings } from "#test/domain/endpoint-settings";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const settings = endpointSettings({ protocols: ["est", "cmp"], auth: ["secret", "certificate"] });

const day = 86_400_000;
const tenant = "acme";

async function open(house: House, label: string, over: Partial<EndpointSettings> = {}) {
  await createEndpoint(house.deps, adminCall(tenant), label, { ...settings, ...over });
  return endpointFor(house.deps, "est", label);
}

async function credentialOf(house: House, label: string, maxUses: number | null = 1, names: readonly string[] = []) {
  const { id, secret } = await createCredential(house.deps, adminCall(tenant), {
    endpoint: label,
    names,
    maxUses,
    expiresAt: new Date(house.deps.clock.now() + day).toISOString(),
  });
  return {
    id,
    secret,
    check: async () => checkCredential(house.deps, await endpointFor(house.deps, "est", label), id, secret),
  };
}

const asking = (endpoint: Enrolment["endpoint"], csr: Uint8Array, over: Partial<Enrolment> = {}): Enrolment => ({
  endpoint,
  protocol: "est",
  subject: "est:test",
  transaction: "t-1",
  request: { csr },
  ...over,
});

function issuedOf(answer: Enrolled | undefined): Issued {
  if (answer === undefined || !("issued" in answer)) throw new Error("nothing was issued");
  return answer.issued;
}

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

describe("a credential", () => {
  it("for one use brings one certificate, and the same one again", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const { id, check } = await credentialOf(house, "web");
    const ask = async (transaction: string, csr: Uint8Array) =>
      enrol(deps, asking(endpoint, csr, { transaction, credential: await check() }));
    const csr = newCsr("a.example.test");
    const { certificate } = issuedOf(await ask("one", csr));
    expect(issuedOf(await ask("one", csr)).certificate.id).toBe(certificate.id);
    const before = await deps.log.heads(tenant);
    await expect(ask("two", newCsr("b.example.test"))).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await deps.log.heads(tenant)).toEqual(before);
    expect((await deps.log.load(tenant, "enrolment-credential", id)).state?.uses).toHaveLength(1);
  });

  it("is not used twice by those who come at the same time", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const { check } = await credentialOf(house, "web", 2);
    const credential = await check();
    const all = await Promise.allSettled(
      Array.from({ length: 6 }, (_, n) =>
        enrol(house.deps, asking(endpoint, newCsr(`h${n}.example.test`), { transaction: `t-${n}`, credential })),
      ),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    for (const one of all) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "unauthenticated" });
  });

  it("and an endpoint stand many who come at the same time: nobody is told to try again", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const slow = await open(house, "slow", { approval: "manual" });
    const many = Array.from({ length: 150 }, (_, n) => n);
    const made = await Promise.all(many.map(() => credentialOf(house, "web")));
    expect(new Set(made.map(({ id }) => id)).size).toBe(150);
    const shared = await (await credentialOf(house, "web", 150)).check();
    const ask = (n: number, at: Enrolment["endpoint"], credential?: Enrolment["credential"]) =>
      enrol(deps, asking(at, newCsr(`h${n}.example.test`), { transaction: `t-${n}`, credential }));
    await Promise.all(many.map((n) => ask(n, endpoint, shared)));
    await Promise.all(many.map((n) => ask(n, slow)));
    expect((await deps.log.load(tenant, "enrolment-credential", shared.id)).state?.uses).toHaveLength(150);
    expect((await deps.log.load(tenant, "enrolment-endpoint", "web")).state).toMatchObject({ open_credentials: 151 });
    expect((await deps.log.load(tenant, "enrolment-endpoint", "slow")).state).toMatchObject({ pending_requests: 150 });
  });

  it("without a limit counts nothing", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const { id, check } = await credentialOf(house, "web", null);
    for (const n of [1, 2, 3])
      issuedOf(
        await enrol(
          house.deps,
          asking(endpoint, newCsr(`h${n}.example.test`), { transaction: `t-${n}`, credential: await check() }),
        ),
      );
    expect(await house.deps.log.load(tenant, "enrolment-credential", id)).toMatchObject({
      rev: 1,
      state: { uses: [] },
    });
  });

  it("grants its names only", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "web");
    const { check } = await credentialOf(house, "web", null, ["A.example.test", "10.0.0.1"]);
    const ask = async (transaction: string, ...names: string[]) =>
      enrol(house.deps, asking(endpoint, newCsr(...names), { transaction, credential: await check() }));
    await expect(ask("1", "b.example.test")).rejects.toMatchObject({ code: "forbidden" });
    await expect(ask("2", "a.example.test", "b.example.test")).rejects.toMatchObject({ code: "forbidden" });
    issuedOf(await ask("3", "a.example.test"));
    const csr = newCsr("a.example.test");
    const called = { ...(await readCertificateRequest(csr)), subject: commonName("admin") };
    const request = { proven: called, bytes: csr };
    await expect(
      enrol(house.deps, asking(endpoint, csr, { transaction: "4", credential: await check(), request })),
    ).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining("admin") });
  });

  it.each<[string, (house: House, id: string) => Promise<void> | void]>([
    ["expired", (house) => house.advance(day)],
    ["revoked", (house, id) => revokeCredential(house.deps, adminCall(tenant), id)],
    ["for an endpoint that is disabled", (house) => disableEndpoint(house.deps, adminCall(tenant), "web")],
    [
      "for an endpoint that no longer takes secrets",
      (house) => updateEndpoint(house.deps, adminCall(tenant), "web", { ...settings, auth: ["certificate"] }),
    ],
  ])("%s opens nothing", async (_, spoil) => {
    await using house = await openHouse();
    await open(house, "web");
    const { id, check } = await credentialOf(house, "web");
    await check();
    await spoil(house, id);
    await expect(check()).rejects.toMatchObject({ code: expect.stringMatching(/unauthenticated|not_found/) });
  });

  it("that is wrong, unknown or of another endpoint is refused with the same words", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    const endpoint = await open(house, "web");
    await open(house, "other");
    const { id, secret } = await credentialOf(house, "web");
    const other = await credentialOf(house, "other");
    await createEndpoint(deps, adminCall("beta"), "of-beta", settings);
    const wrong = `${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;
    const messages = new Set<string>();
    for (const [name, text, at] of [
      [id, wrong, endpoint],
      [id, "", endpoint],
      [id, `${secret}=`, endpoint],
      ["a".repeat(16), secret, endpoint],
      ["../../x", secret, endpoint],
      ["", secret, endpoint],
      [other.id, other.secret, endpoint],
      [id, secret, await endpointFor(deps, "est", "of-beta")],
    ] as const)
      await checkCredential(deps, at, name, text).then(
        () => expect.unreachable(name),
        (error: Error) => messages.add(error.message),
      );
    expect(messages.size).toBe(1);
    expect((await checkCredential(deps, endpoint, id, secret)).id).toBe(id);
  });
});

describe("a certificate", () => {
  it("has itself renewed: same subject and names, and it is superseded", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const first = issuedOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    const renews = await presentedCertificate(deps, endpoint, first.der);
    expect(renews.id).toBe(first.certificate.id);
    const renew = (transaction: string, ...names: string[]) =>
      enrol(deps, asking(endpoint, newCsr(...names), { transaction, renews }));
    for (const [n, names] of [["b.example.test"], ["a.example.test", "b.example.test"]].entries())
      await expect(renew(`no-${n}`, ...names)).rejects.toMatchObject({ code: "unprocessable", field: "csr" });
    const second = issuedOf(await renew("yes", "a.example.test"));
    expect(second.certificate.state.replaces).toBe(renews.id);
    expect((await deps.log.load(tenant, "certificate", renews.id)).state).toMatchObject({
      status: "superseded",
      replaced_by: second.certificate.id,
    });
    // The client lost the answer and its new key: the old certificate is still good for another try.
    issuedOf(await renew("again", "a.example.test"));
  });

  it.each<[string, (house: House, issued: Issued) => Promise<void> | void]>([
    [
      "revoked",
      (house, { certificate }) => revokeCertificate(house.deps, adminCall(tenant), certificate.id, "unspecified"),
    ],
    ["expired", (house) => house.advance(31 * day)],
    [
      "shown where none is taken",
      (house) => updateEndpoint(house.deps, adminCall(tenant), "web", { ...settings, auth: ["secret"] }),
    ],
  ])("%s opens nothing", async (_, spoil) => {
    await using house = await openHouse();
    const issued = issuedOf(await enrol(house.deps, asking(await open(house, "web"), newCsr("a.example.test"))));
    await spoil(house, issued);
    await expect(
      presentedCertificate(house.deps, await endpointFor(house.deps, "est", "web"), issued.der),
    ).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("of another tenant, of a CA, changed or no certificate at all is refused", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    const endpoint = await open(house, "web");
    await createEndpoint(deps, adminCall("beta"), "of-beta", settings);
    const beta = await endpointFor(deps, "est", "of-beta");
    const { der, issuer } = issuedOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    const foreign = issuedOf(await enrol(deps, asking(beta, newCsr("a.example.test"))));
    const changed = der.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const bytes of [
      foreign.der,
      changed,
      new Uint8Array(Buffer.from(issuer.state.certificate, "base64")),
      der.subarray(1),
    ])
      await expect(presentedCertificate(deps, endpoint, bytes)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("is renewed by the endpoint that issued it, or under the same profile, and by no other", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const code = profileSpec.parse({ extended_key_usages: ["codeSigning"] });
    await createProfileVersion(deps, adminCall(tenant), "code", code);
    const endpoint = await open(house, "web");
    const { der } = issuedOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    const renew = async (label: string) => {
      const at = await endpointFor(deps, "est", label);
      const renews = await presentedCertificate(deps, at, der);
      return enrol(deps, asking(at, newCsr("a.example.test"), { transaction: `to-${label}`, renews }));
    };
    await open(house, "signing", { profile: "code" });
    await expect(renew("signing")).rejects.toMatchObject({ code: "forbidden" });
    await open(house, "more", { profile: "default@1" });
    issuedOf(await renew("more"));
    await updateEndpoint(deps, adminCall(tenant), "web", { ...settings, profile: "code" });
    issuedOf(await renew("web"));
  });

  it("revoked between being shown and renewed is not renewed", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "web");
    const first = issuedOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    const renews = await presentedCertificate(deps, endpoint, first.der);
    await revokeCertificate(deps, adminCall(tenant), renews.id, "keyCompromise");
    await expect(
      enrol(deps, asking(endpoint, newCsr("a.example.test"), { transaction: "t-2", renews })),
    ).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("manual approval", () => {
  const pendingOf = (answer: Enrolled): string => {
    if (!("pending" in answer)) throw new Error("it does not wait");
    return answer.pending.request;
  };

  it("waits, polls, is approved once, and then brings the same certificate to every poll", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const { id: credential, check } = await credentialOf(house, "slow");
    const csr = newCsr("a.example.test", "b.example.test");
    const ask = async () => enrol(deps, asking(endpoint, csr, { credential: await check() }));
    const request = pendingOf(await ask());
    const before = await deps.log.heads(tenant);
    expect(pendingOf(await ask())).toBe(request);
    expect(await enrolled(deps, { endpoint, protocol: "est", transaction: "t-1" })).toMatchObject({
      pending: { request },
    });
    expect(await deps.log.heads(tenant)).toEqual(before);
    const endpointNow = async () => (await deps.log.load(tenant, "enrolment-endpoint", "slow")).state;
    expect(await endpointNow()).toMatchObject({ pending_requests: 1, open_credentials: 1 });
    await approveRequest(deps, adminCall(tenant), request);
    await expect(approveRequest(deps, adminCall(tenant), request)).rejects.toMatchObject({ code: "conflict" });
    expect(await endpointNow()).toMatchObject({ pending_requests: 0 });
    const { certificate } = issuedOf(await ask());
    expect(certificate.state).toMatchObject({
      protocol: "est",
      endpoint: "slow",
      subject: "CN=a.example.test",
      sans: ["dns:a.example.test", "dns:b.example.test"],
    });
    expect((await deps.log.load(tenant, "enrolment-request", request)).state).toMatchObject({
      status: "issued",
      certificate: certificate.id,
      decided_by: "tester",
    });
    expect((await deps.log.load(tenant, "enrolment-credential", credential)).state?.uses).toHaveLength(1);
  });

  it("one whose credential was revoked meanwhile is not approved", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const { id, check } = await credentialOf(house, "slow", null);
    const ask = asking(endpoint, newCsr("a.example.test"), { credential: await check() });
    const request = pendingOf(await enrol(deps, ask));
    await revokeCredential(deps, adminCall(tenant), id);
    await expect(approveRequest(deps, adminCall(tenant), request)).rejects.toMatchObject({ code: "conflict" });
    await refuseRequest(deps, adminCall(tenant), request, "stolen");
  });

  it("a one-time credential opens one request", async () => {
    await using house = await openHouse();
    const endpoint = await open(house, "slow", { approval: "manual" });
    const { check } = await credentialOf(house, "slow");
    const ask = async (n: number) =>
      enrol(
        house.deps,
        asking(endpoint, newCsr(`h${n}.example.test`), { transaction: `t-${n}`, credential: await check() }),
      );
    pendingOf(await ask(1));
    await expect(ask(2)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("refused says why to every poll; expired is refused too", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const [first, second] = [newCsr("a.example.test"), newCsr("b.example.test")];
    const request = pendingOf(await enrol(deps, asking(endpoint, first)));
    await refuseRequest(deps, adminCall(tenant), request, "not one of ours");
    await expect(enrol(deps, asking(endpoint, first))).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("not one of ours") as string,
    });
    await expect(approveRequest(deps, adminCall(tenant), request)).rejects.toMatchObject({ code: "conflict" });
    const late = pendingOf(await enrol(deps, asking(endpoint, second, { transaction: "t-2" })));
    house.advance(14 * day);
    await expect(approveRequest(deps, adminCall(tenant), late)).rejects.toMatchObject({ code: "conflict" });
    await expect(enrol(deps, asking(endpoint, second, { transaction: "t-2" }))).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("what it is said to replace is replaced when it is granted, also when that was revoked meanwhile", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const approved = async (transaction: string, replaces?: string, before = () => Promise.resolve()) => {
      const asked = asking(endpoint, newCsr("a.example.test"), { transaction, replaces });
      const request = pendingOf(await enrol(deps, asked));
      await before();
      await approveRequest(deps, adminCall(tenant), request);
      return issuedOf(await enrol(deps, asked)).certificate;
    };
    const first = await approved("t-1");
    const second = await approved("t-2", first.id);
    expect(second.state.replaces).toBe(first.id);
    const third = await approved("t-3", second.id, () =>
      revokeCertificate(deps, adminCall(tenant), second.id, "keyCompromise"),
    );
    expect(third.state.replaces).toBe(second.id);
    expect((await deps.log.load(tenant, "certificate", second.id)).state).toMatchObject({ status: "revoked" });
  });

  it("asked for again long after, it waits again, and is issued again", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const csr = newCsr("a.example.test");
    const round = async () => {
      const request = pendingOf(await enrol(deps, asking(endpoint, csr)));
      await approveRequest(deps, adminCall(tenant), request);
      return issuedOf(await enrol(deps, asking(endpoint, csr))).certificate.id;
    };
    const first = await round();
    house.advance(90 * day);
    await sweepEnrolment(deps, tenant);
    expect(await round()).not.toBe(first);
  });

  it("refuses at once what could not be issued, and stays manual while something waits", async () => {
    await using house = await openHouse();
    const { deps } = house;
    await createProfileVersion(
      deps,
      adminCall(tenant),
      "inside",
      profileSpec.parse({ allowed_dns_suffixes: ["inside.test"] }),
    );
    const endpoint = await open(house, "slow", { approval: "manual", profile: "inside" });
    await expect(enrol(deps, asking(endpoint, newCsr("a.example.test")))).rejects.toMatchObject({
      code: "unprocessable",
    });
    const request = pendingOf(await enrol(deps, asking(endpoint, newCsr("a.inside.test"), { transaction: "t-2" })));
    const automatic = { ...settings, profile: "inside" };
    await expect(updateEndpoint(deps, adminCall(tenant), "slow", automatic)).rejects.toMatchObject({
      code: "conflict",
      field: "approval",
    });
    await refuseRequest(deps, adminCall(tenant), request, "no");
    await updateEndpoint(deps, adminCall(tenant), "slow", automatic);
  });

  it("renews under approval: what is replaced is replaced when it is granted", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const request = pendingOf(await enrol(deps, asking(endpoint, newCsr("a.example.test"))));
    await approveRequest(deps, adminCall(tenant), request);
    const first = issuedOf(await enrolled(deps, { endpoint, protocol: "est", transaction: "t-1" }));
    const renews = await presentedCertificate(deps, endpoint, first.der);
    const again = pendingOf(
      await enrol(deps, asking(endpoint, newCsr("a.example.test"), { transaction: "t-2", renews })),
    );
    expect((await deps.log.load(tenant, "certificate", renews.id)).state?.status).toBe("active");
    await approveRequest(deps, adminCall(tenant), again);
    expect((await deps.log.load(tenant, "certificate", renews.id)).state?.status).toBe("superseded");
  });
});

describe("an endpoint", () => {
  it("answers under its label to its protocols, and without one only where it is marked default", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    await open(house, "web");
    await expect(endpointFor(deps, "acme", "web")).rejects.toMatchObject({ code: "not_found" });
    await expect(endpointFor(deps, "est", "nobody")).rejects.toMatchObject({ code: "not_found" });
    await expect(endpointFor(deps, "est", "@default/est")).rejects.toMatchObject({ code: "not_found" });
    await expect(endpointFor(deps, "est", undefined)).rejects.toMatchObject({ code: "not_found" });
    await updateEndpoint(deps, adminCall(tenant), "web", { ...settings, default: true });
    expect(await endpointFor(deps, "est", undefined)).toMatchObject({ tenant, label: "web" });
    // One default on a host for each protocol, whoever has it.
    const beta = (label: string, over: Partial<EndpointSettings>) =>
      createEndpoint(deps, adminCall("beta"), label, { ...settings, default: true, ...over });
    await expect(beta("of-beta", {})).rejects.toMatchObject({ code: "conflict", field: "default" });
    await beta("of-beta", { protocols: ["scep"] });
    expect(await endpointFor(deps, "scep", undefined)).toMatchObject({ tenant: "beta", label: "of-beta" });
    await updateEndpoint(deps, adminCall(tenant), "web", { ...settings, protocols: ["cmp"], default: true });
    await expect(endpointFor(deps, "est", undefined)).rejects.toMatchObject({ code: "not_found" });
    await beta("second", { protocols: ["est"] });
    await disableEndpoint(deps, adminCall("beta"), "second");
    await expect(endpointFor(deps, "est", undefined)).rejects.toMatchObject({ code: "not_found" });
    await updateEndpoint(deps, adminCall(tenant), "web", { ...settings, default: true });
    expect(await endpointFor(deps, "est", undefined)).toMatchObject({ tenant, label: "web" });
  });

  it("keeps its label for ever: for its tenant, and against all others", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    await open(house, "web");
    await expect(createEndpoint(deps, adminCall("beta"), "web", settings)).rejects.toMatchObject({ code: "conflict" });
    await disableEndpoint(deps, adminCall(tenant), "web");
    await expect(endpointFor(deps, "est", "web")).rejects.toMatchObject({ code: "not_found" });
    for (const one of [tenant, "beta"])
      await expect(createEndpoint(deps, adminCall(one), "web", settings)).rejects.toMatchObject({ code: "conflict" });
    await expect(updateEndpoint(deps, adminCall(tenant), "web", settings)).rejects.toMatchObject({ code: "conflict" });
    await expect(disableEndpoint(deps, adminCall(tenant), "web")).rejects.toMatchObject({ code: "conflict" });
  });

  it("that approves by itself, and its credentials, are for those who may issue", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const officer = {
      ...adminCall(tenant),
      principal: { tenant, subject: "o", roles: [], scopes: ["enrolment:write"] },
    };
    const expiresAt = new Date(deps.clock.now() + day).toISOString();
    const credential = (endpoint: string) =>
      createCredential(deps, officer, { endpoint, names: [], maxUses: 1, expiresAt });
    await expect(createEndpoint(deps, officer, "web", settings)).rejects.toMatchObject({ code: "forbidden" });
    await createEndpoint(deps, officer, "slow", { ...settings, approval: "manual" });
    await expect(updateEndpoint(deps, officer, "slow", settings)).rejects.toMatchObject({ code: "forbidden" });
    await credential("slow");
    await open(house, "web");
    await expect(credential("web")).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("the sweeper", () => {
  const hour = 3_600_000;

  it("releases labels whose event never came, after an hour and not before; others may then have them", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    await open(house, "web", { default: true });
    for (const name of ["lost", "@default/scep"])
      await deps.directory.reserve("endpoint", name, { tenant, id: "lost" });
    const create = () =>
      createEndpoint(deps, adminCall("beta"), "lost", { ...settings, protocols: ["scep"], default: true });
    house.advance(hour - 1);
    await sweepEnrolment(deps, tenant);
    await expect(create()).rejects.toMatchObject({ code: "conflict", field: "label" });
    house.advance(1);
    await sweepEnrolment(deps, "beta");
    await expect(create()).rejects.toMatchObject({ code: "conflict", field: "label" });
    await sweepEnrolment(deps, tenant);
    await create();
    expect(await endpointFor(deps, "est", undefined)).toMatchObject({ label: "web" });
  });

  it("puts back what an endpoint answers to and the directory has lost", async () => {
    await using house = await openHouse();
    const { deps } = house;
    await open(house, "web", { default: true });
    for (const name of ["web", "@default/est"]) await deps.directory.release("endpoint", name, tenant);
    await expect(endpointFor(deps, "est", "web")).rejects.toMatchObject({ code: "not_found" });
    await sweepEnrolment(deps, tenant);
    for (const label of ["web", undefined])
      expect(await endpointFor(deps, "est", label)).toMatchObject({ label: "web" });
  });

  it("says what another endpoint took meanwhile, and goes on with the rest", async () => {
    await using house = await openHouse([tenant, "beta"]);
    const { deps } = house;
    await open(house, "first", { default: true });
    await createEndpoint(deps, adminCall(tenant), "second", { ...settings, protocols: ["scep"], default: true });
    for (const name of ["@default/est", "@default/cmp", "@default/scep"])
      await deps.directory.release("endpoint", name, tenant);
    await createEndpoint(deps, adminCall("beta"), "of-beta", { ...settings, protocols: ["est"], default: true });
    await expect(sweepEnrolment(deps, tenant)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("first should be @default/est") as string,
    });
    expect(await endpointFor(deps, "est", undefined)).toMatchObject({ label: "of-beta" });
    expect(await endpointFor(deps, "cmp", undefined)).toMatchObject({ label: "first" });
    expect(await endpointFor(deps, "scep", undefined)).toMatchObject({ label: "second" });
  });

  it("a label is not lost to a creation that fails beside one that succeeds", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const create = () => createEndpoint(deps, adminCall(tenant), "web", settings);
    const done = await Promise.allSettled([create(), create(), create()]);
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    house.advance(2 * hour);
    await sweepEnrolment(deps, tenant);
    expect(await endpointFor(deps, "est", "web")).toMatchObject({ label: "web" });
  });

  it("removes what ended long ago, and refuses what nobody decided", async () => {
    await using house = await openHouse();
    const { deps } = house;
    const endpoint = await open(house, "slow", { approval: "manual" });
    const kept = await credentialOf(house, "slow");
    await revokeCredential(deps, adminCall(tenant), (await credentialOf(house, "slow")).id);
    const pending = await enrol(deps, asking(endpoint, newCsr("a.example.test")));
    const id = "pending" in pending ? pending.pending.request : "";
    const endpointNow = async () => (await deps.log.load(tenant, "enrolment-endpoint", "slow")).state;
    house.advance(14 * day);
    await sweepEnrolment(deps, tenant);
    expect((await deps.log.load(tenant, "enrolment-request", id)).state).toMatchObject({
      status: "refused",
      decided_by: "system:clock",
    });
    expect(await endpointNow()).toMatchObject({ pending_requests: 0, open_credentials: 1 });
    house.advance(17 * day);
    await sweepEnrolment(deps, tenant);
    expect((await deps.log.list(tenant, "enrolment-credential", { limit: 9 })).items).toEqual([]);
    expect(await endpointNow()).toMatchObject({ open_credentials: 0 });
    await expect(kept.check()).rejects.toMatchObject({ code: "unauthenticated" });
    house.advance(73 * day);
    await sweepEnrolment(deps, tenant);
    expect((await deps.log.load(tenant, "enrolment-request", id)).state).toBeUndefined();
    const heads = await deps.log.heads(tenant);
    await sweepEnrolment(deps, tenant);
    expect(await deps.log.heads(tenant)).toEqual(heads);
  });
});
