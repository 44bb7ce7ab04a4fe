/** Shards are fixed when a certificate is issued, are counted before they are used, and are never overfilled. */
import { expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { crlId } from "#shared/domain/crl/crl";
import { crlShardId, maxShardEntries } from "#shared/domain/crl-shard/crl-shard";
import { parseCertificateList } from "#shared/pki/crl";
import { parseCertificate } from "#shared/pki/certificate";
import { change } from "#shared/usecases/commit";
import { takeCrlPlace } from "#shared/usecases/crl-places";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const day = 86_400_000;

const issue = (house: House) =>
  issueCertificate(house.deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });

const shardOf = ({ deps }: House, issuer: string, shard: number) =>
  deps.log.load("acme", "crl-shard", crlShardId(issuer, shard));

/** As if so many certificates had been issued into it. */
async function fill(house: House, issuer: string, shard: number, count: number): Promise<void> {
  const { deps } = house;
  const until = new Date(deps.clock.now() + 40 * day).toISOString();
  await change(deps, adminCall("acme"), async () => ({
    stream: await shardOf(house, issuer, shard),
    event: { type: "crl-shard.reserved", data: { issuer, shard, count, until, reused: false } },
  }));
}

/** A process that starts has taken no places yet. */
const restarted = ({ deps }: House): House["deps"] => ({ ...deps, directory: { ...deps.directory } });

test("a full shard is followed by a new one whose CRL is there before its first certificate", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const first = await issue(house);
  const issuer = first.issuer.id;
  const { assigned = 0 } = (await shardOf(house, issuer, 0)).state ?? {};
  await fill(house, issuer, 0, maxShardEntries - assigned);
  const deps = restarted(house);
  const second = await issueCertificate(deps, adminCall("acme"), { csr: newCsr("b.example.test"), protocol: "api" });
  expect(second.certificate.state.shard).toBe(1);
  expect(parseCertificate(second.der).crlUrls[0]).toMatch(new RegExp(`/crl/${issuer}/1[.]crl$`));
  expect((await existing(deps, "acme", "issuer", issuer)).state.shards).toBe(2);
  const crl = await existing(deps, "acme", "crl", crlId(issuer, 1));
  await revokeCertificate(deps, adminCall("acme"), second.certificate.id, "superseded");
  await house.settle("acme");
  const der =
    (await deps.blob.get((await existing(deps, "acme", "crl", crlId(issuer, 1))).state.blob)) ?? new Uint8Array();
  const list = parseCertificateList(der);
  expect(list.entries.map(({ serialHex }) => serialHex)).toEqual([second.certificate.state.serial]);
  expect(Number(list.number)).toBeGreaterThan(crl.state.number);
  expect(list.idpUrl).toBe(parseCertificate(second.der).crlUrls[0]);
  expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
});

test("no more places are given out than one CRL has, by however many processes at once", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { issuer } = await issue(house);
  const until = house.deps.clock.now() + 30 * day;
  const taken = new Map<number, number>();
  await Promise.all(
    [house.deps, restarted(house), restarted(house)].map(async (deps) => {
      for (let n = 0; n < 40_000; n++) {
        const shard = await takeCrlPlace(deps, "acme", issuer.id, until);
        taken.set(shard, (taken.get(shard) ?? 0) + 1);
      }
    }),
  );
  expect([...taken.values()].reduce((sum, count) => sum + count, 0)).toBe(120_000);
  for (const count of taken.values()) expect(count).toBeLessThanOrEqual(maxShardEntries);
  expect(taken.size).toBe(3);
});

test("a shard whose certificates have all ended is filled again, and not before", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { issuer } = await issue(house);
  await fill(house, issuer.id, 0, maxShardEntries - 1_000);
  const end = (ms: number) => house.deps.clock.now() + ms;
  expect(await takeCrlPlace(restarted(house), "acme", issuer.id, end(20 * day))).toBe(1);
  await fill(house, issuer.id, 1, maxShardEntries - 1_000);
  house.advance(60 * day);
  expect(await takeCrlPlace(restarted(house), "acme", issuer.id, end(100 * day))).toBe(2);
  await fill(house, issuer.id, 2, maxShardEntries - 1_000);
  house.advance(15 * day);
  expect(await takeCrlPlace(restarted(house), "acme", issuer.id, end(30 * day))).toBe(1);
  expect((await shardOf(house, issuer.id, 1)).state?.assigned).toBe(1_000);
});

test("the shard of an issuer that was not counted gets no more certificates", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { issuer } = await issue(house);
  const uncounted = {
    ...deps.log,
    load: (async (tenant, kind, id) =>
      kind === "crl-shard" && id.endsWith("/0")
        ? { kind, id, rev: 0, state: undefined, origin: undefined }
        : deps.log.load(tenant, kind, id)) as typeof deps.log.load,
  };
  expect(await takeCrlPlace({ ...restarted(house), log: uncounted }, "acme", issuer.id, deps.clock.now() + day)).toBe(
    1,
  );
});

test("a repeated operation keeps the shard that stands in what was signed first", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { issuer } = await issue(house);
  const call = adminCall("acme");
  const command = { csr: newCsr("c.example.test"), protocol: "api" };
  const lost = { ...deps.log, commit: () => Promise.reject(new Error("the commit never came")) };
  await expect(issueCertificate({ ...deps, log: lost }, call, command)).rejects.toThrow("never came");
  const { assigned = 0 } = (await shardOf(house, issuer.id, 0)).state ?? {};
  await fill(house, issuer.id, 0, maxShardEntries - assigned);
  const again = await issueCertificate(restarted(house), call, command);
  expect(again.certificate.state.shard).toBe(0);
  expect(parseCertificate(again.der).crlUrls[0]).toMatch(/\/0[.]crl$/);
});
