import { describe, expect, it } from "vitest";
import { approveRequest } from "#shared/usecases/approve-enrolment";
import { enrol, enrolled } from "#shared/usecases/enrol";
import type { Enrolled } from "#shared/usecases/enrolment";
import { revokeCredential } from "#shared/usecases/enrolment-credentials";
import { updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { refuseRequest } from "#shared/usecases/enrolment-requests";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import { createProfileVersion } from "#shared/usecases/profiles";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { profileSpec } from "#shared/contracts/api/profiles";
import { adminCall, newCsr, openHouse } from "./house.ts";
import { settings, day, tenant, open, credentialOf, asking, issuedOf } from "./enrolling.ts";

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
