/** Retention: what is archived and pruned is gone from the host and provable for ever, and the rest goes on as before (I2, I3). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeArchive } from "#cli/archive/write";
import { type ArchiveReport, verifyArchive } from "#cli/archive/verify";
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { proveConsistency, proveInclusion } from "#events/checkpoints/prove";
import { writeCut } from "#events/checkpoints/cut";
import { compareWithLog } from "#events/log/compare";
import { laneOf } from "#events/log/keys";
import { createEventLog } from "#events/log/log";
import { projections } from "#events/projections/registry";
import { pruneTo } from "#events/retention/prune";
import { catchUp, readProjection, replayProjection } from "#events/projections/runner";
import { inventory } from "#events/projections/inventory";
import { newestEvents } from "#functions/api/audit-list";
import { compareState } from "#functions/api/audit-state";
import { prunable, prune } from "#functions/api/audit-prune";
import { certificateWithPem } from "#functions/api/certificate-with-pem";
import { createDuties } from "#functions/clock/app";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { reconcile } from "#shared/usecases/reconcile";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import type { FunctionDeps } from "#functions/function";
import type { Snapshot } from "#shared/ports/event-log";
import { recordedWakes } from "#test/log/local-log";
import type { TableStore } from "#shared/ports/table";
import { directApi } from "./direct-api.ts";
import { adminCall, type House, newCsr, openHouse } from "./house.ts";

const day = 86_400_000;
let house: House;
let deps: FunctionDeps;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "retention-"));
  house = await openHouse(["acme"]);
  deps = { ...house.deps, auditRetentionMs: 30 * day };
});
afterEach(async () => {
  if (house.reported.length > 0) throw new AggregateError(house.reported, "reported as ours");
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const checkpoint = () => createCheckpoints(deps).make("acme");
const issue = async (name: string) =>
  (await issueCertificate(deps, adminCall("acme"), { csr: newCsr(name), protocol: "api" })).certificate.id;
let archives = 0;

/** As `trstctl audit prune --before` does it. */
async function archiveAndPrune(on = deps): Promise<ArchiveReport> {
  const { from, to } = await prunable(on, "acme", undefined);
  if (to === null) throw new Error("nothing to prune");
  const directory = join(folder, `archive-${++archives}`);
  await writeArchive(directApi(on, "acme"), directory, from, to.size);
  const report = await verifyArchive(directory, await createCheckpoints(on).key("acme"));
  await prune(on, adminCall("acme"), { size: to.size, archive: directory, digest: report.digest });
  return report;
}

const text = async () => (await deps.log.links("acme", 0, 0, 10_000)).filter(({ event }) => event !== undefined);

/** All that must be as if nothing had been pruned. */
async function expectSound(): Promise<void> {
  const state = await compareState(deps, "acme");
  expect(state).toMatchObject({ clean: true, differing: [] });
  const report = await reconcile(deps, adminCall("acme"));
  expect([report.repaired, report.unjournalled, report.signatures - report.recorded]).toEqual([[], [], 0]);
  await checkpoint();
  const directory = join(folder, `whole-${++archives}`);
  await writeArchive(directApi(deps, "acme"), directory, { size: 0, frontier: [], heads: [] });
  expect(await verifyArchive(directory, await createCheckpoints(deps).key("acme"))).toMatchObject({
    holds: true,
    faults: [],
  });
}

async function live(): Promise<{ revoked: string; kept: string }> {
  const revoked = await issue("a.example.test");
  await revokeCertificate(deps, adminCall("acme"), revoked, "superseded");
  const kept = await issue("b.example.test");
  await house.settle("acme");
  return { revoked, kept };
}

describe("archived and pruned", () => {
  test("twice: both archives verify on their own, the rest verifies, rebuilds and reconciles", {
    timeout: 60_000,
  }, async () => {
    await live();
    await checkpoint();
    house.advance(31 * day);
    await live();
    await checkpoint();
    const before = (await text()).length;
    const first = await archiveAndPrune();
    expect(first).toMatchObject({ first: 0, holds: true, faults: [], pruned: 0 });
    expect((await text()).length).toBeLessThan(before);
    await expectSound();
    house.advance(400 * day);
    await live();
    await checkpoint();
    const second = await archiveAndPrune();
    expect(second).toMatchObject({ first: first.size, holds: true, faults: [], pruned: 0 });
    await expectSound();
    // Proofs of what is gone still hold.
    const checkpoints = createCheckpoints(deps);
    const { link } = await proveInclusion(deps, checkpoints, "acme", { lane: 0, seq: 1 });
    expect(link).not.toHaveProperty("event");
    await proveConsistency(deps, checkpoints, "acme", first.size);
    await expect(prunable(deps, "acme", undefined)).resolves.toMatchObject({ to: null, events: 0 });
  });

  test("a certificate that lives keeps its bytes, also when it has expired since", async () => {
    const { kept } = await live();
    await checkpoint();
    house.advance(11 * day);
    await archiveAndPrune({ ...deps, auditRetentionMs: 10 * day });
    const pem = async () => (await certificateWithPem(deps, "acme", kept)).certificate;
    expect(await pem()).toMatch(/BEGIN CERTIFICATE/);
    house.advance(400 * day);
    expect(await pem()).toMatch(/BEGIN CERTIFICATE/);
    await expectSound();
  });

  test("one that had expired when its event was pruned is known, but its bytes are in the archive", async () => {
    const { kept } = await live();
    await checkpoint();
    house.advance(400 * day);
    await archiveAndPrune();
    await expect(certificateWithPem(deps, "acme", kept)).rejects.toThrow(
      /expired on .* bytes were pruned: event \d+ of lane 0/,
    );
    await expectSound();
  });

  test("the list of events shows what is left, page by page, and ends", async () => {
    for (let n = 0; n < 5; n++) await live();
    await checkpoint();
    house.advance(400 * day);
    await archiveAndPrune();
    await live();
    const left = (await text()).map(({ seq }) => seq);
    const seen: number[] = [];
    for (let cursor: string | undefined, pages = 0; ; pages++) {
      const page = await newestEvents(deps.log, "acme", { limit: 3 }, cursor);
      seen.push(...page.items.map((item) => (item as { sequence: number }).sequence));
      cursor = page.cursor;
      if (cursor === undefined) break;
      expect(pages).toBeLessThan(100);
    }
    expect(seen).toEqual(left.toReversed());
  });

  test("cut off anywhere, the clock finishes it and nothing is counted twice", { timeout: 120_000 }, async () => {
    for (let n = 0; n < 3; n++) {
      await live();
      await checkpoint();
    }
    house.advance(400 * day);
    await checkpoint();
    let left = 0;
    /** Fails at the transaction with this number, after or before it was written. */
    const dying = (at: number, written: boolean): TableStore => ({
      ...deps.tables,
      tenant(tenant) {
        const table = deps.tables.tenant(tenant);
        return {
          ...table,
          async transact(writes) {
            const last = left++ === at;
            if (last && !written) throw new Error("cut off");
            const outcome = await table.transact(writes);
            if (last) throw new Error("cut off");
            return outcome;
          },
        };
      },
    });
    let failures = 0;
    for (let at = 0; at < 30; at++) {
      left = 0;
      try {
        await archiveAndPrune({ ...deps, tables: dying(at, at % 2 === 0) });
        break;
      } catch (error) {
        failures++;
        if ((error as Error).message !== "cut off") break;
      }
    }
    expect(failures).toBeGreaterThan(0);
    await createDuties(deps)((tenant) => house.settle(tenant));
    expect((await compareWithLog(deps.log, deps.tables.tenant("acme"), "acme")).differing).toEqual([]);
    await expectSound();
  });
});

test("on several lanes, a cut between two revisions of one aggregate goes together with the next, or waits", async () => {
  const log = createEventLog({ tables: deps.tables, wakes: recordedWakes(), lanes: 8 });
  const on = { ...deps, log };
  const tenant = "laned";
  const put = async (id: string, touches: readonly Snapshot[] = []) => {
    const stream = await log.load(tenant, "member", id);
    const event = { type: "member.upserted", data: { display_name: "x", email: null, roles: [] } } as const;
    await log.commit({ tenant, actor: { subject: "tester", roles: [] }, at: deps.clock.now(), stream, event, touches });
  };
  // The first revision of `shared` stands in the lane of `a`, the second in that of `shared` itself.
  const shared = "shared";
  const a = ["a", "b", "c", "d", "e"].find(
    (id) => laneOf({ kind: "member", id }, 8) !== laneOf({ kind: "member", id: shared }, 8),
  );
  await put(a ?? "", [await log.load(tenant, "member", shared)]);
  await put(shared);
  const heads = await log.heads(tenant);
  const lane = laneOf({ kind: "member", id: shared }, 8);
  const half = heads.map((head) => (head.lane === lane ? head : { lane: head.lane, seq: 0, hash: "" }));
  const time = new Date(deps.clock.now()).toISOString();
  const table = deps.tables.tenant(tenant);
  await writeCut(table, tenant, { n: 1, size: 1, heads: half, time });
  await createCheckpoints(on).make(tenant); // signs that cut, and makes the second
  for (const projection of projections) await catchUp(on, tenant, projection);
  const left = async () => (await Promise.all(heads.map((head) => log.read(tenant, head.lane, 0, 10)))).flat().length;
  await pruneTo(on, tenant, 1);
  expect(await left()).toBe(2);
  await pruneTo(on, tenant, 2);
  expect(await left()).toBe(0);
  expect((await compareWithLog(log, table, tenant)).differing).toEqual([]);
});

describe("refused:", () => {
  test("anything, where the host is not told how long to keep events", async () => {
    await checkpoint();
    await expect(prunable({ ...deps, auditRetentionMs: undefined }, "acme", undefined)).rejects.toThrow(
      /TRSTCTL_AUDIT_RETENTION_DAYS/,
    );
  });

  test("what is too young, what no checkpoint ends at, and an archive that is not complete", async () => {
    await live();
    const cut = await checkpoint();
    const size = cut?.size ?? 0;
    const archive = { archive: "x", digest: "0".repeat(64) };
    await expect(prune(deps, adminCall("acme"), { size, ...archive })).rejects.toThrow(/too young to be pruned/);
    house.advance(31 * day);
    await expect(prune(deps, adminCall("acme"), { size: size - 1, ...archive })).rejects.toMatchObject({
      field: "size",
    });
    await expect(prune(deps, adminCall("acme"), { size, ...archive })).rejects.toMatchObject({ field: "digest" });
    expect((await deps.log.links("acme", 0, 0, 1000)).every(({ event }) => event !== undefined)).toBe(true);
  });

  test("events that a read model still needs", async () => {
    await live();
    await checkpoint();
    house.advance(31 * day);
    const poisoned = { ...deps, log: { ...deps.log, read: () => Promise.resolve([]) } };
    await expect(archiveAndPrune(poisoned)).rejects.toThrow(/projection certificates stands at event 0 of lane 0/);
  });

  test("a read model that was not there when events were removed says so instead of counting half", async () => {
    await live();
    await checkpoint();
    house.advance(31 * day);
    await archiveAndPrune();
    const late = { ...inventory, name: "late" };
    await expect(catchUp(deps, "acme", late)).rejects.toThrow(/needs events that retention removed/);
    const stored = await readProjection(deps.tables.tenant("acme"), "acme", inventory);
    expect(await replayProjection(deps.log, "acme", inventory)).toEqual(stored);
  });
});
