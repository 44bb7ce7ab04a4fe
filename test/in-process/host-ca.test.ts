/** The host's TLS root: held to its names, also where a release before made one that is not. */
import { describe, expect, it } from "vitest";
import { provisionHostCa } from "#infra/local/host-ca";
import { fromBase64 } from "#shared/kernel/bytes";
import { parseCertificate } from "#shared/pki/certificate";
import { generalNameText } from "#shared/pki/general-name";
import { oids } from "#shared/pki/oids";
import { systemTenant } from "#shared/domain/tenant/tenant";
import { allIssuers } from "#shared/usecases/all-issuers";
import { systemCall } from "#shared/usecases/deps";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { tlsRoot } from "#shared/usecases/tls-root";
import { type House, newCsr, openHouse } from "./house.ts";

const loopback = ["dns:localhost", "dns:trstctl.localhost"];

/** What the root may certify, by its certificate. */
async function permitted({ deps }: House): Promise<readonly string[]> {
  const { state } = await tlsRoot(deps, systemTenant);
  const { nameConstraints, extensions } = parseCertificate(fromBase64(state.certificate));
  expect(extensions.get(oids.nameConstraints)?.critical).toBe(true);
  return (nameConstraints?.permitted ?? []).map(generalNameText).sort();
}

async function activeIssuing({ deps }: House): Promise<readonly string[]> {
  const active: string[] = [];
  for await (const { id, state } of allIssuers(deps, systemTenant))
    if (state.role === "issuing" && state.status === "active") active.push(id);
  return active;
}

describe("the CA of the host's TLS certificate", () => {
  it("takes the place of one that could certify any name, whose CA is retired", async () => {
    await using house = await openHouse([systemTenant]); // as the first release made it
    const before = await tlsRoot(house.deps, systemTenant);
    expect(parseCertificate(fromBase64(before.state.certificate)).nameConstraints).toBeUndefined();
    const issuing = await provisionHostCa(house.deps, ["localhost"], 8080);
    expect(await permitted(house)).toEqual(loopback);
    expect(await activeIssuing(house)).toEqual([issuing]);
    expect(await provisionHostCa(house.deps, ["localhost"], 8080)).toBe(issuing);
  });

  it("issues for the host's names and for no other", async () => {
    await using house = await openHouse([systemTenant]);
    const issuer = await provisionHostCa(house.deps, ["localhost"], 8080);
    const issue = (name: string) =>
      issueCertificate(house.deps, systemCall(systemTenant, "host", name, ["certs:issue"]), {
        csr: newCsr(name),
        protocol: "api",
        issuer,
      });
    await expect(issue("trstctl.localhost")).resolves.toBeDefined();
    await expect(issue("bank.example")).rejects.toBeDefined();
  });

  it("is made anew for an address too, though no certificate names those", async () => {
    await using house = await openHouse([systemTenant]);
    const local = await provisionHostCa(house.deps, ["localhost"], 8080);
    const addressed = await provisionHostCa(house.deps, ["localhost", "10.9.9.9"], 8080);
    expect(addressed).not.toBe(local);
    expect(await provisionHostCa(house.deps, ["localhost", "10.9.9.9"], 8080)).toBe(addressed);
    expect(await permitted(house)).toEqual(loopback);
  });

  it("is made anew when the host gets a name that it is not held to, and stays when one goes", async () => {
    await using house = await openHouse([systemTenant]);
    const issue = async (issuer: string, name: string) =>
      issueCertificate(house.deps, systemCall(systemTenant, "host", `${issuer}/${name}`, ["certs:issue"]), {
        csr: newCsr(name),
        protocol: "api",
        issuer,
      });
    const local = await provisionHostCa(house.deps, ["localhost"], 8080);
    const named = await provisionHostCa(house.deps, ["ca.example.test", "10.1.2.3"], 8080);
    expect(named).not.toBe(local);
    expect(await permitted(house)).toEqual(["dns:ca.example.test", ...loopback]);
    expect(await provisionHostCa(house.deps, ["localhost"], 8080)).toBe(named);
    const other = await provisionHostCa(house.deps, ["other.example.test"], 8080);
    // Names that there were before: the CA that was retired does not come back.
    const again = await provisionHostCa(house.deps, ["ca.example.test", "10.1.2.3"], 8080);
    expect(new Set([local, named, other, again]).size).toBe(4);
    await expect(issue(again, "ca.example.test")).resolves.toBeDefined();
  });
});
