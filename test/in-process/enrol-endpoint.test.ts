import { describe, expect, it } from "vitest";
import type { EndpointSettings } from "#shared/domain/enrolment-endpoint/enrolment-endpoint";
import { createCredential } from "#shared/usecases/enrolment-credentials";
import { createEndpoint, disableEndpoint, endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { adminCall, openHouse } from "./house.ts";
import { settings, day, tenant, open } from "./enrolling.ts";

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
