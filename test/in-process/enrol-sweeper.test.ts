import { describe, expect, it } from "vitest";
import { enrol } from "#shared/usecases/enrol";
import { revokeCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, endpointFor } from "#shared/usecases/enrolment-endpoints";
import { sweepEnrolment } from "#shared/usecases/sweep-enrolment";
import { adminCall, newCsr, openHouse } from "./house.ts";
import { settings, day, tenant, open, credentialOf, asking } from "./enrolling.ts";

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
