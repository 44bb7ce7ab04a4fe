import { describe, expect, it } from "vitest";
import { enrol } from "#shared/usecases/enrol";
import { createEndpoint, endpointFor, updateEndpoint } from "#shared/usecases/enrolment-endpoints";
import { presentedCertificate } from "#shared/usecases/enrolled-certificate";
import type { Issued } from "#shared/usecases/issue-certificate";
import { createProfileVersion } from "#shared/usecases/profiles";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { profileSpec } from "#shared/contracts/api/profiles";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";
import { settings, day, tenant, open, asking, issuedOf } from "./enrolling.ts";

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
