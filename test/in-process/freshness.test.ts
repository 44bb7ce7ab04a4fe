import { expect, it } from "vitest";
import { crlId } from "#shared/domain/crl/crl";
import { parseCertificateList } from "#shared/pki/crl";
import { createIssuingCa } from "#shared/usecases/create-issuer";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, newCsr, openHouse, type House, revocationBaseUrl } from "./house.ts";

const day = 86_400_000;

const issuers = async ({ deps }: House) => (await deps.log.list("acme", "issuer", { limit: 10 })).items;
const fail = (issuer: string, error: unknown): never => {
  throw new Error(`freshness failed for ${issuer}`, { cause: error });
};

it("publishes CRLs and rotates responders by the clock, before they run out, and not earlier", async () => {
  await using house = await openHouse();
  const { deps } = house;
  expect(await freshenRevocation(deps, "acme", fail)).toEqual({ crls: 0, responders: 0 });

  house.advance(0.9 * day);
  expect(await freshenRevocation(deps, "acme", fail)).toEqual({ crls: 0, responders: 0 });

  // Deltas are renewed each day, complete CRLs after six.
  house.advance(0.2 * day);
  expect(await freshenRevocation(deps, "acme", fail)).toEqual({ crls: 2, responders: 0 });
  for (const { id } of await issuers(house))
    expect((await deps.log.load("acme", "crl", crlId(id, 0))).state).toMatchObject({ number: 1, delta: { number: 3 } });

  house.advance(5 * day);
  expect(await freshenRevocation(deps, "acme", fail)).toEqual({ crls: 2, responders: 0 });
  for (const { id } of await issuers(house)) {
    const { state } = await deps.log.load("acme", "crl", crlId(id, 0));
    expect(state).toMatchObject({ number: 4, delta: { number: 4 } });
    expect(Date.parse(state?.next_update ?? "")).toBe(deps.clock.now() + 7 * day);
  }

  house.advance(23 * day);
  expect(await freshenRevocation(deps, "acme", fail)).toEqual({ crls: 2, responders: 2 });
  for (const { id } of await issuers(house))
    expect((await deps.log.load("acme", "ocsp-responder", id)).state?.generation).toBe(2);
});

it("gives the responder of an issuer one last certificate, not one each minute of the last day", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const command = { name: "Short", keyAlgorithm: "P-256", permittedDns: [], revocationBaseUrl } as const;
  const issuer = await createIssuingCa(deps, adminCall("acme"), { ...command, validitySeconds: (3 * day) / 1000 });
  await house.settle("acme");
  house.advance(2.5 * day);
  for (let minute = 0; minute < 3; minute++) {
    expect((await freshenRevocation(deps, "acme", fail)).responders).toBe(0);
    house.advance(60_000);
  }
  expect((await deps.log.load("acme", "ocsp-responder", issuer)).state?.generation).toBe(1);
});

it("signs a CRL anew when its bytes were lost", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const [issuer] = await issuers(house);
  const { state } = await deps.log.load("acme", "crl", crlId(issuer?.id ?? "", 0));
  await deps.blob.delete(state?.blob ?? "");
  expect((await freshenRevocation(deps, "acme", fail)).crls).toBe(1);
});

it("keeps every revoked certificate on every later CRL", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const serials: string[] = [];
  for (let n = 0; n < 3; n++) {
    const {
      certificate: { id },
      issuer,
    } = await issueCertificate(deps, adminCall("acme"), { csr: newCsr(`${n}.example.test`), protocol: "api" });
    await revokeCertificate(deps, adminCall("acme"), id, "keyCompromise");
    await house.settle("acme");
    serials.push(id.slice(issuer.id.length + 1));
    const { state } = await deps.log.load("acme", "crl", crlId(issuer.id, 0));
    const crl = parseCertificateList((await deps.blob.get(state?.blob ?? "")) ?? new Uint8Array());
    expect(crl.entries.map(({ serialHex }) => serialHex).sort()).toEqual([...serials].sort());
    expect(crl.number).toBe(BigInt(n + 3));
  }
});
