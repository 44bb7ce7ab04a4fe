import { describe, expect, it } from "vitest";
import { enrol } from "#shared/usecases/enrol";
import type { Enrolment } from "#shared/usecases/enrolment";
import { checkCredential, revokeCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, disableEndpoint, endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { commonName } from "#shared/pki/name";
import { readCertificateRequest } from "#shared/usecases/certificate-request";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";
import { settings, day, tenant, open, credentialOf, asking, issuedOf } from "./enrolling.ts";

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
