/** Bulk revocation: every certificate once, whatever dies in between, and the CRLs once for all of them. */
import { expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { readAll } from "#events/log/rebuild";
import { createOutbox } from "#functions/outbox/app";
import { crlId } from "#shared/domain/crl/crl";
import { Failure } from "#shared/kernel/failure";
import { parseCertificateList } from "#shared/pki/crl";
import { createIdentity, transitionIdentity } from "#shared/usecases/identities";
import { type Issued, issueCertificate } from "#shared/usecases/issue-certificate";
import { existing } from "#shared/usecases/load";
import { createOwner } from "#shared/usecases/owners";
import { cancelRevocation, type StartRevocation, startRevocation } from "#shared/usecases/revocation-jobs";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

/** Disks of busy machines are slow. */
const timeout = 60_000;
const csr = newCsr("a.example.test");

const issue = (house: House, owner?: string): Promise<Issued> =>
  issueCertificate(house.deps, adminCall("acme"), { csr, protocol: "api", owner });

const issueMany = (house: House, count: number): Promise<Issued[]> =>
  Promise.all(Array.from({ length: count }, () => issue(house)));

const start = ({ deps }: House, command: Partial<StartRevocation>): Promise<string> =>
  startRevocation(deps, adminCall("acme"), {
    mode: "revoke",
    reason: "keyCompromise",
    all: false,
    filter: {},
    ...command,
  });

const job = async ({ deps }: House, id: string) => (await existing(deps, "acme", "revocation-job", id)).state;

const waiting = async ({ deps }: House): Promise<number> =>
  (await deps.log.list("acme", "outbox", { limit: 100, view: { name: "outbox-pending" } })).items.length;

/** Lets the outbox work until nothing waits. */
async function untilDone(house: House): Promise<void> {
  for (let passes = 0; (await waiting(house)) > 0; passes++) {
    if (passes > 200) throw new Error("the job never ends");
    await house.settle("acme");
    house.advance(2_000);
  }
}

/** A process that works on what waits and dies after so many commits. */
async function dieAfter(house: House, commits: number): Promise<void> {
  const { deps } = house;
  let made = 0;
  const commit: typeof deps.log.commit = (append) =>
    ++made > commits ? Promise.reject(new Failure("unavailable", "killed")) : deps.log.commit(append);
  const log = { ...deps.log, commit };
  const dying = createOutbox({ ...deps, directory: { ...deps.directory }, log, report: () => undefined });
  await dying("acme").catch(() => undefined);
  house.advance(3_000);
}

const isRevoked = async ({ deps }: House, { certificate }: Issued): Promise<boolean> =>
  (await existing(deps, "acme", "certificate", certificate.id)).state.status === "revoked";

async function onCrl({ deps }: House, issuer: string): Promise<string[]> {
  const { state } = await existing(deps, "acme", "crl", crlId(issuer, 0));
  const der = (await deps.blob.get(state.blob)) ?? new Uint8Array();
  return parseCertificateList(der).entries.map(({ serialHex }) => serialHex);
}

const eventsOf = async ({ deps }: House) => {
  const counts = new Map<string, number>();
  const revoked: string[] = [];
  for await (const { event } of readAll(deps.log, "acme")) {
    counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
    if (event.type === "revocation-job.advanced") revoked.push(...event.data.certificates.map(({ serial }) => serial));
  }
  return { counts, revoked };
};

test("revokes what its filter names and nothing else; a preview only counts", { timeout }, async () => {
  await using house = await openHouse();
  const owner = await createOwner(house.deps, adminCall("acme"), { kind: "team", name: "Platform", email: null });
  const theirs = [await issue(house, owner), await issue(house, owner)];
  const others = [await issue(house), await issue(house)];
  const [first] = theirs;
  await revokeCertificate(house.deps, adminCall("acme"), first?.certificate.id ?? "", "superseded");
  const preview = await start(house, { mode: "preview", filter: { owner } });
  await untilDone(house);
  expect(await job(house, preview)).toMatchObject({ status: "done", matched: 1, revoked: 0 });
  expect(await Promise.all(theirs.map((one) => isRevoked(house, one)))).toEqual([true, false]);

  const real = await start(house, { filter: { owner } });
  await untilDone(house);
  expect(await job(house, real)).toMatchObject({ status: "done", matched: 1, revoked: 1, shards: [] });
  expect(await Promise.all(theirs.map((one) => isRevoked(house, one)))).toEqual([true, true]);
  expect(await Promise.all(others.map((one) => isRevoked(house, one)))).toEqual([false, false]);
  // The first one keeps its reason and its date: revoked is for ever.
  expect((await existing(house.deps, "acme", "certificate", first?.certificate.id ?? "")).state.reason).toBe(
    "superseded",
  );

  const byId = await start(house, { filter: { certificates: ["nobody-00", others[1]?.certificate.id ?? ""] } });
  await untilDone(house);
  const byProfile = await start(house, { mode: "preview", filter: { profile: "default" } });
  await untilDone(house);
  expect(await job(house, byId)).toMatchObject({ status: "done", matched: 1, revoked: 1 });
  expect(await job(house, byProfile)).toMatchObject({ status: "done", matched: 1 });
  expect((await onCrl(house, first?.issuer.id ?? "")).toSorted()).toEqual(
    [...theirs, ...others.slice(1)].map((one) => one.certificate.state.serial).toSorted(),
  );
});

test("goes on where it died, revokes each certificate once, and publishes once for all", { timeout }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issued = await issueMany(house, 300);
  const issuer = issued[0]?.issuer.id ?? "";
  const before = (await eventsOf(house)).counts;
  const id = await start(house, { filter: { issuer } });
  // Every process dies after some commits, and so does the one after it.
  for (let lives = 0; lives < 4; lives++) await dieAfter(house, 1);
  expect((await job(house, id)).revoked).toBeGreaterThan(0);
  expect((await job(house, id)).revoked).toBeLessThan(300);
  await untilDone(house);
  expect(await job(house, id)).toMatchObject({ status: "done", matched: 300, revoked: 300, shards: [] });
  const { counts, revoked } = await eventsOf(house);
  expect(revoked.toSorted()).toEqual(issued.map(({ certificate }) => certificate.state.serial).toSorted());
  expect((await onCrl(house, issuer)).toSorted()).toEqual(revoked.toSorted());
  expect((counts.get("crl.published") ?? 0) - (before.get("crl.published") ?? 0)).toBe(1);
  expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
});

test("a cancelled one revokes nothing more, and what it revoked is on the CRL", { timeout }, async () => {
  await using house = await openHouse();
  const issued = await issueMany(house, 150);
  const id = await start(house, { all: true });
  await dieAfter(house, 2);
  expect((await job(house, id)).status).toBe("revoking");
  await cancelRevocation(house.deps, adminCall("acme"), id);
  const { revoked } = await job(house, id);
  expect(revoked).toBeGreaterThan(0);
  await untilDone(house);
  expect(await job(house, id)).toMatchObject({ status: "cancelled", revoked, shards: [] });
  expect(await onCrl(house, issued[0]?.issuer.id ?? "")).toHaveLength(revoked);
  await expect(cancelRevocation(house.deps, adminCall("acme"), id)).rejects.toMatchObject({ code: "conflict" });
});

test("identities follow their certificates", { timeout }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const owner = await createOwner(deps, adminCall("acme"), { kind: "team", name: "Platform", email: null });
  const identity = await createIdentity(deps, adminCall("acme"), {
    name: "a.example.test",
    owner,
    issuer: undefined,
    profile: undefined,
    dnsNames: [],
    attributes: {},
  });
  const move = (to: "issued" | "deployed" | "renewing") =>
    transitionIdentity(deps, adminCall("acme"), identity, {
      to,
      reason: undefined,
      note: undefined,
      csr: undefined,
      generateKey: to !== "deployed",
    });
  await move("issued");
  await move("deployed");
  await move("renewing");
  await start(house, { all: true });
  await untilDone(house);
  expect((await existing(deps, "acme", "identity", identity)).state).toMatchObject({
    status: "revoked",
    live_certificates: [],
  });
  expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
});

test("meets revocations beside it: each certificate has one reason and one date", { timeout }, async () => {
  await using house = await openHouse();
  const { deps } = house;
  const issued = await issueMany(house, 200);
  const id = await start(house, { all: true });
  const [done] = await Promise.all([
    Promise.allSettled(
      issued
        .filter((_, n) => n % 5 === 0)
        .map(({ certificate }) => revokeCertificate(deps, adminCall("acme"), certificate.id, "superseded")),
    ),
    untilDone(house),
  ]);
  await untilDone(house);
  const alone = done.filter(({ status }) => status === "fulfilled").length;
  expect((await job(house, id)).revoked).toBe(200 - alone);
  expect(await onCrl(house, issued[0]?.issuer.id ?? "")).toHaveLength(200);
});

test("wants to be told which certificates, and by somebody who may", { timeout }, async () => {
  await using house = await openHouse();
  await expect(start(house, {})).rejects.toMatchObject({ code: "invalid_field", field: "all" });
  await expect(start(house, { all: true, filter: { profile: "default" } })).rejects.toMatchObject({ field: "all" });
  await expect(start(house, { filter: { issuer: "nobody" } })).rejects.toMatchObject({ field: "issuer_id" });
  await expect(start(house, { filter: { owner: "nobody" } })).rejects.toMatchObject({ field: "owner_id" });
  await expect(start(house, { filter: { profile: "nobody" } })).rejects.toMatchObject({ field: "profile" });
  const call = adminCall("acme");
  const other = { ...call, principal: { ...call.principal, scopes: ["certs:request"] as const } };
  await expect(
    startRevocation(house.deps, other, { mode: "preview", reason: "unspecified", all: true, filter: {} }),
  ).rejects.toMatchObject({ code: "forbidden" });
});
