/** Complete and delta CRLs of a shard say together what is revoked (RFC 5280 5.2.4), and stock openssl thinks so too. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { crlId } from "#shared/domain/crl/crl";
import { revocationId } from "#shared/domain/revocation/revocation";
import { fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { parseCertificateList, type TbsCertList } from "#shared/pki/crl";
import { oids } from "#shared/pki/oids";
import { pemEncode } from "#shared/pki/pem";
import { findRoot } from "#shared/usecases/create-issuer";
import { freshenRevocation } from "#shared/usecases/freshen-revocation";
import { type Issued, issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { publishCrl } from "#shared/usecases/publish-crl";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const day = 86_400_000;

const issue = (house: House): Promise<Issued> =>
  issueCertificate(house.deps, adminCall("acme"), { csr: newCsr("a.example.test"), protocol: "api" });

const crlState = async ({ deps }: House, issuer: string) =>
  (await existing(deps, "acme", "crl", crlId(issuer, 0))).state;

const read = async ({ deps }: House, blob: string | undefined) => {
  const der = (await deps.blob.get(blob ?? "none")) ?? new Uint8Array();
  return { der, list: parseCertificateList(der) };
};

/** Both as they are served now. */
async function served(house: House, issuer: string) {
  const state = await crlState(house, issuer);
  return { state, complete: await read(house, state.blob), delta: await read(house, state.delta?.blob) };
}

const serials = ({ entries }: TbsCertList): string[] => entries.map(({ serialHex }) => serialHex);

async function revoke(house: House, { certificate }: Issued): Promise<string> {
  await revokeCertificate(house.deps, adminCall("acme"), certificate.id, "keyCompromise");
  await house.settle("acme");
  return certificate.state.serial;
}

/** So many revocations at once, as if their certificates had been issued. */
async function revokeMany({ deps }: House, issuer: string, count: number): Promise<void> {
  const actor = { subject: "tester", roles: [] };
  const not_after = new Date(deps.clock.now() + 30 * day).toISOString();
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const serial = `66${String(n).padStart(14, "0")}`;
      const stream = await deps.log.load("acme", "revocation", revocationId(issuer, 0, serial));
      const data = { issuer, shard: 0, serial, reason: "superseded", not_after };
      await deps.log.commit({
        tenant: "acme",
        actor,
        at: deps.clock.now(),
        stream,
        event: { type: "certificate.revoked", data },
      });
    }),
  );
}

/** A process that starts remembers nothing. */
const restarted = ({ deps }: House): House["deps"] => ({ ...deps, directory: { ...deps.directory } });

test("beside each complete CRL there is a delta of the same number, on a base that may be older", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const certificates = [await issue(house), await issue(house)];
  const issuer = certificates[0]?.issuer.id ?? "";
  const first = await served(house, issuer);
  expect(first.complete.list).toMatchObject({ number: 1n, entries: [] });
  expect(first.delta.list).toMatchObject({ number: 2n, deltaBase: 1n, entries: [] });
  const revoked: string[] = [];
  for (const certificate of certificates) {
    revoked.push(await revoke(house, certificate));
    const now = await served(house, issuer);
    expect(now.delta.list.number).toBe(now.complete.list.number);
    expect(now.delta.list.deltaBase).toBe(1n);
    expect(serials(now.complete.list)).toEqual(revoked);
    expect(serials(now.delta.list)).toEqual(revoked);
    expect(now.delta.list.idpUrl).toBe(now.complete.list.idpUrl);
    expect(now.complete.list.extensions.has(oids.freshestCRL)).toBe(true);
    expect(now.delta.list.extensions.has(oids.freshestCRL)).toBe(false);
  }
});

test("openssl finds a revocation in an old complete CRL and the delta of today", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const certificate = await issue(house);
  const old = await served(house, certificate.issuer.id);
  house.advance(3_600_000);
  await revoke(house, certificate);
  const now = await served(house, certificate.issuer.id);
  const root = await findRoot(house.deps, "acme");
  const directory = mkdtempSync(join(tmpdir(), "delta-"));
  const file = (name: string, label: string, der: Uint8Array): string => {
    const path = join(directory, name);
    writeFileSync(path, pemEncode(label, der));
    return path;
  };
  try {
    const ca = file("root.pem", "CERTIFICATE", fromBase64(root.state.certificate));
    const between = file("ca.pem", "CERTIFICATE", fromBase64(certificate.issuer.state.certificate));
    const leaf = file("leaf.pem", "CERTIFICATE", certificate.der);
    const base = file("base.pem", "X509 CRL", old.complete.der);
    const delta = file("delta.pem", "X509 CRL", now.delta.der);
    const oldDelta = file("old-delta.pem", "X509 CRL", old.delta.der);
    const verify = (...words: string[]) =>
      promisify(execFile)("openssl", [
        ..."verify -crl_check -extended_crl".split(" "),
        ...`-CAfile ${ca} -untrusted ${between} -CRLfile ${base} -attime ${house.deps.clock.now() / 1000}`.split(" "),
        ...words,
        leaf,
      ]);
    await expect(verify()).resolves.toBeDefined();
    await expect(verify("-use_deltas", "-CRLfile", oldDelta)).resolves.toBeDefined();
    await expect(verify("-use_deltas", "-CRLfile", delta)).rejects.toMatchObject({
      stderr: expect.stringContaining("certificate revoked") as unknown,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("in a large shard the delta says it at once, and the complete CRL within a minute of the clock", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const certificate = await issue(house);
  const issuer = certificate.issuer.id;
  await revokeMany(house, issuer, 2_500);
  await publishCrl(deps, adminCall("acme"), issuer, 0);
  const before = await served(house, issuer);
  expect(before.complete.list.entries).toHaveLength(2_500);
  const serial = await revoke(house, certificate);
  const now = await served(house, issuer);
  expect(now.complete.list.number).toBe(before.complete.list.number);
  expect(serials(now.delta.list)).toEqual([serial]);
  expect(now.delta.list.number > now.complete.list.number).toBe(true);
  house.advance(61_000);
  await freshenRevocation(restarted(house), "acme", (_, error) => expect.unreachable(String(error)));
  const later = await served(house, issuer);
  expect(serials(later.complete.list)).toEqual([...serials(before.complete.list), serial]);
  expect(later.delta.list.number).toBe(later.complete.list.number);
  expect(house.reported).toEqual([]);
});

test("a revocation reads no other one and keeps the octets of those before", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const certificates = [await issue(house), await issue(house), await issue(house)];
  const issuer = certificates[0]?.issuer.id ?? "";
  await revokeMany(house, issuer, 50);
  await publishCrl(deps, adminCall("acme"), issuer, 0);
  const before = await served(house, issuer);
  const listed: string[] = [];
  const counting = {
    ...deps,
    log: {
      ...deps.log,
      list: ((tenant, kind, query) => {
        listed.push(kind);
        return deps.log.list(tenant, kind, query);
      }) as typeof deps.log.list,
    },
  };
  for (const { certificate } of certificates) {
    await revokeCertificate(deps, adminCall("acme"), certificate.id, "superseded");
    await publishCrl(counting, adminCall("acme"), issuer, 0, { serials: [certificate.state.serial] });
  }
  expect(listed).not.toContain("revocation");
  const { complete } = await served(house, issuer);
  expect(complete.list.entries).toHaveLength(53);
  const { length } = before.complete.list.list;
  expect(Buffer.compare(complete.list.list.subarray(0, length), before.complete.list.list)).toBe(0);
});

test("another process goes on from what is published", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const certificates = [await issue(house), await issue(house)];
  const issuer = certificates[0]?.issuer.id ?? "";
  const revoked: string[] = [];
  for (const { certificate } of certificates) {
    await revokeCertificate(house.deps, adminCall("acme"), certificate.id, "superseded");
    revoked.push(certificate.state.serial);
    const serial = certificate.state.serial;
    await publishCrl(restarted(house), adminCall("acme"), issuer, 0, { serials: [serial] });
    const { complete, delta } = await served(house, issuer);
    expect(serials(complete.list)).toEqual(revoked);
    expect(serials(delta.list)).toEqual(revoked);
  }
});

test("what has ended leaves after one complete CRL that still names it, not before", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const ending = await issue(house);
  const issuer = ending.issuer.id;
  const serial = await revoke(house, ending);
  const named: boolean[] = [];
  const afterEnd: boolean[] = [];
  for (let days = 0; days < 48; days += 6) {
    await freshenRevocation(deps, "acme", (_, error) => expect.unreachable(String(error)));
    const { complete } = await served(house, issuer);
    named.push(serials(complete.list).includes(serial));
    afterEnd.push(complete.list.thisUpdateMs > Date.parse(ending.certificate.state.not_after));
    house.advance(6 * day + 60_000);
  }
  expect(named).toEqual(named.toSorted((a, b) => Number(b) - Number(a)));
  expect(named.at(-1)).toBe(false);
  // Exactly one complete CRL signed after the end still has it.
  expect(named.filter((is, at) => is && afterEnd[at])).toHaveLength(1);
});

test("a shard of a release without deltas is published anew, with all it had", { timeout: 60_000 }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const certificate = await issue(house);
  const issuer = certificate.issuer.id;
  const serial = await revoke(house, certificate);
  const before = await crlState(house, issuer);
  const old = {
    ...deps,
    log: {
      ...deps.log,
      load: (async (tenant, kind, id) => {
        const found = await deps.log.load(tenant, kind, id);
        if (kind !== "crl" || found.state === undefined) return found;
        const { base: _, delta: __, ...state } = found.state as Awaited<ReturnType<typeof crlState>>;
        return state.number === before.number ? { ...found, state } : found;
      }) as typeof deps.log.load,
    },
    directory: { ...deps.directory },
  };
  await publishCrl(old, adminCall("acme"), issuer, 0, { serials: [serial] });
  const { state, complete } = await served(house, issuer);
  expect(serials(complete.list)).toEqual([serial]);
  expect(state.base).toMatchObject({ number: state.number, entries: 1 });
  expect(state.delta).toMatchObject({ base: state.number, entries: 0 });
});

test("publishers at once, in one process and in several, leave out nothing and refuse nothing", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const certificates = await Promise.all(Array.from({ length: 6 }, () => issue(house)));
  const issuer = certificates[0]?.issuer.id ?? "";
  const other = restarted(house);
  await Promise.all(
    certificates.map(async ({ certificate }, n) => {
      await revokeCertificate(deps, adminCall("acme"), certificate.id, "superseded");
      const { serial } = certificate.state;
      await publishCrl(n % 2 === 0 ? deps : other, adminCall("acme"), issuer, 0, { serials: [serial] });
    }),
  );
  const { complete } = await served(house, issuer);
  expect(serials(complete.list).toSorted()).toEqual(
    certificates.map(({ certificate }) => certificate.state.serial).toSorted(),
  );
});

test("a base that the signer has forgotten is followed by another, before and after it was forgotten", {
  timeout: 60_000,
}, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const first = await issue(house);
  const issuer = first.issuer.id;
  await revokeCertificate(deps, adminCall("acme"), first.certificate.id, "superseded");
  await house.settle("acme");
  const stateNow = () => crlState(house, issuer);
  const early = await stateNow();
  for (let n = 0; n < 300; n++) {
    house.advance(1_000);
    await publishCrl(deps, adminCall("acme"), issuer, 0, { renew: true });
  }
  const late = await stateNow();
  expect(late.number - (late.base?.number ?? 0)).toBeLessThanOrEqual(200);

  // As after the loss of the log's end: the state names a base of long ago.
  const setBack: typeof deps.log = {
    ...deps.log,
    load: async (tenant, kind, id) => {
      const found = await deps.log.load(tenant, kind, id);
      return kind === "crl" ? { ...found, state: { ...(found.state as object), base: early.base } as never } : found;
    },
  };
  const second = await issue(house);
  await revokeCertificate(deps, adminCall("acme"), second.certificate.id, "superseded");
  const serials = [second.certificate.state.serial];
  await publishCrl({ ...deps, log: setBack }, adminCall("acme"), issuer, 0, { serials });
  await house.settle("acme");
  const { base, number, delta } = await stateNow();
  expect(base?.number).toBeGreaterThan(late.number);
  expect(Math.max(number, delta?.number ?? 0)).toBeLessThan(late.number + 20);
});

test("a CRL that was signed and never published keeps no watchdog from publishing what it said", async () => {
  await using house = await openHouse();
  const { deps } = house;
  const { certificate, issuer } = await issue(house);
  await house.settle("acme");
  await revokeCertificate(deps, adminCall("acme"), certificate.id, "keyCompromise");
  const commit: typeof deps.log.commit = () => Promise.reject(new Failure("unavailable", "killed"));
  const dying = { ...deps, log: { ...deps.log, commit } };
  await expect(publishCrl(dying, adminCall("acme"), issuer.id, 0)).rejects.toThrow("killed");
  house.advance(1.5 * day); // the delta is due, the complete CRL is not
  const asked: string[] = [];
  const sign: typeof deps.signer.sign = (request) => {
    asked.push(request.opId);
    return deps.signer.sign(request);
  };
  const watching = { ...restarted(house), signer: { ...deps.signer, sign } };
  await freshenRevocation(watching, "acme", (_, error) => expect.unreachable(String(error)));
  const now = await served(house, issuer.id);
  expect(serials(now.complete.list)).toEqual([certificate.state.serial]);
  expect(serials(now.delta.list)).toEqual([certificate.state.serial]);
  expect(asked.filter((opId) => opId.startsWith("crl"))).toHaveLength(4);
});
