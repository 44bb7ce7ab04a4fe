/** A tenant taken over on a copy that misses anything: nothing of it is doubled, and what is lost is named (DESIGN §6). */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareWithLog } from "#events/log/compare";
import { createEventLog, type EventLogDeps } from "#events/log/log";
import { catchUp, replayProjection } from "#events/projections/runner";
import { inventory } from "#events/projections/inventory";
import { Failure } from "#shared/kernel/failure";
import type { AggregateKind } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { Item, TableStore } from "#shared/ports/table";
import { type LocalStore, localStore, recordedWakes } from "#test/log/local-log";
import { expectSoundChain } from "#test/log/sound";
import { failOver } from "./failover.ts";
import { lostEventsOf } from "./lost-events.ts";

const lanes = 3;
let home: LocalStore;
let copy: LocalStore;
let tenants = 0;
beforeAll(() => {
  home = localStore();
  copy = localStore(home.clock);
});
afterAll(async () => {
  await home.close();
  await copy.close();
});

const logOn = (tables: TableStore, region: string, more: Partial<EventLogDeps> = {}): EventLog =>
  createEventLog({ tables, wakes: recordedWakes(), lanes, region, several: true, ...more });

async function put(log: EventLog, tenant: string, kind: AggregateKind, id: string, event: DomainEvent, touch?: string) {
  const stream = await log.load(tenant, kind, id);
  const touches = touch === undefined ? [] : [await log.load(tenant, "owner", touch)];
  const at = home.clock.now();
  home.clock.advance(1);
  const idempotency = { key: `${kind}-${id}`, fingerprint: "f", status: 201, operation: "o", resource: id };
  const actor = { subject: "tester", roles: [] };
  return log.commit({ tenant, actor, at, stream, event, touches, ...(stream.rev === 0 && { idempotency }) });
}

const registered: DomainEvent = { type: "tenant.registered", data: { name: "Acme" } };
const owner = (name: string, known: boolean): DomainEvent => ({
  type: known ? "owner.updated" : "owner.created",
  data: { kind: "team", name, email: null },
});
const identity = (name: string, of: string): DomainEvent => ({
  type: "identity.created",
  data: {
    kind: "x509_certificate",
    name,
    owner: of,
    issuer: null,
    profile: null,
    dns_names: [],
    attributes: {},
  },
});

/** Owners and identities in all lanes; an identity changes its owner's row too, so lanes build on each other. */
async function grow(log: EventLog, tenant: string, steps: readonly number[]): Promise<void> {
  await put(log, tenant, "tenant", tenant, registered);
  for (const id of ["a", "b"]) await put(log, tenant, "owner", id, owner(id, false));
  for (const [n, step] of steps.entries()) {
    const of = step % 2 === 0 ? "a" : "b";
    if (step % 3 === 0) await put(log, tenant, "owner", of, owner(`${of}${n}`, true));
    else await put(log, tenant, "identity", `i${n}`, identity(`i${n}`, of), of);
  }
}

const everything = async (log: EventLog, tenant: string): Promise<LoggedEvent[]> =>
  (await Promise.all(Array.from({ length: lanes }, (_, lane) => log.read(tenant, lane, 0, 1000)))).flat();

/** Copies rows one by one: each as it is now, as it was, or not at all. */
async function replicate(rows: readonly Item[], older: readonly Item[], fates: readonly number[]): Promise<void> {
  const old = new Map(older.map((item) => [`${item.pk} ${item.sk}`, item]));
  for (const [n, item] of rows.entries()) {
    const fate = fates[n % fates.length] ?? 0;
    const arrived = fate < 80 ? item : old.get(`${item.pk} ${item.sk}`);
    if (arrived === undefined || fate >= 95) continue;
    await copy.tables.tenant(item.pk.split("#")[1] ?? "").transact([{ put: arrived }]);
  }
}

test("whatever a copy misses: its lanes end where they hold, its state is what they say, and it goes on", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(11), { minLength: 4, maxLength: 25 }),
      fc.array(fc.nat(99), { minLength: 1, maxLength: 90 }),
      fc.nat(20),
      async (steps, fates, early) => {
        const tenant = `t${++tenants}`;
        const at = logOn(home.tables, "eu-west-1");
        await grow(at, tenant, steps.slice(0, early));
        const older = home.rows(tenant);
        for (const [n, step] of steps.slice(early).entries())
          await put(at, tenant, "owner", step % 2 === 0 ? "a" : "b", owner(`late${n}`, true));
        await catchUp({ log: at, tables: home.tables }, tenant, inventory);
        await replicate(home.rows(tenant), older, fates);
        const there = logOn(copy.tables, "eu-central-1");
        const deps = { tables: copy.tables, clock: home.clock, lanes, region: "eu-central-1" };
        const outcome = await failOver(deps, tenant).catch((error: unknown) => error);
        if (outcome instanceof Failure) {
          // Only for want of the beginning; then it stays closed.
          expect(["not_found", "unprocessable"]).toContain(outcome.code);
          if (outcome.code === "unprocessable")
            await expect(put(there, tenant, "member", "m", registered)).rejects.toThrow(/is being failed over/);
          return;
        }
        const report = outcome as Awaited<ReturnType<typeof failOver>>;
        const events = await expectSoundChain(there, tenant);
        const before = await everything(at, tenant);
        const same = new Set(before.map(({ hash }) => hash));
        const kept = events.filter(({ type }) => type !== "region.failover");
        expect(
          kept.every(({ hash }) => same.has(hash)),
          "nothing that was not there",
        ).toBe(true);
        for (const { lane, sequence, seen } of report.lanes) {
          expect(kept.filter((event) => event.lane === lane)).toHaveLength(sequence);
          expect(seen).toBeGreaterThanOrEqual(sequence);
        }
        const table = copy.tables.tenant(tenant);
        for await (const lost of lostEventsOf(table, tenant))
          expect(lost.sequence).toBeGreaterThan(report.lanes[lost.lane]?.sequence ?? 0);
        expect((await compareWithLog(there, table, tenant)).differing).toEqual([]);
        const live = await catchUp({ log: there, tables: copy.tables }, tenant, inventory);
        expect(JSON.stringify(live)).toBe(JSON.stringify(await replayProjection(there, tenant, inventory)));
        // A request whose event was lost was never answered; one whose event is here is answered as before.
        for (const { type, stream } of before.filter(({ type: of }) => of.endsWith("created"))) {
          const replay = await there.replayOf(tenant, `${stream.kind}-${stream.id}`);
          const isHere = kept.some((event) => event.type === type && event.stream.id === stream.id);
          if (!isHere) expect(replay, `${type} ${stream.id} is lost`).toBeUndefined();
          else if (replay !== undefined) expect(replay.resource).toBe(stream.id);
        }
        // It goes on here, and a copy back fences those who wrote before.
        expect(await put(there, tenant, "owner", "z", owner("z", false))).toMatchObject({ ok: true });
        for (const item of copy.rows(tenant).filter(({ pk }) => pk.includes("#L#") || pk.endsWith("#L")))
          await home.tables.tenant(tenant).transact([{ put: item }]);
        await expect(put(at, tenant, "owner", "y", owner("y", false))).rejects.toThrow(
          /is written in Region eu-central-1 \(epoch 2\)/,
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("an event that builds on what another lane lost falls with it", async () => {
  const tenant = `t${++tenants}`;
  const at = logOn(home.tables, "eu-west-1");
  await grow(at, tenant, [2, 4, 2, 12, 4, 12, 2]); // identities and owner.updated, all on one owner
  const events = await everything(at, tenant);
  const [first] = events
    .filter(({ type }) => type === "identity.created")
    .toSorted((a, b) => (a.time < b.time ? -1 : 1));
  if (first === undefined) throw new Error("no identity");
  const lost = `E#${String(first.seq).padStart(12, "0")}`;
  const rows = home.rows(tenant).filter(({ pk, sk }) => !(pk === `T#${tenant}#L#${first.lane}` && sk === lost));
  await replicate(rows, [], [0]);
  const report = await failOver({ tables: copy.tables, clock: home.clock, lanes, region: "x" }, tenant);
  expect(report.lanes[first.lane]).toMatchObject({ sequence: first.seq - 1 });
  // Every later change of that owner stood in other lanes, whole and chained: they could not stay.
  const there = logOn(copy.tables, "x");
  for (const event of await everything(there, tenant))
    if (event.type !== "region.failover") expect(event.time <= first.time, `${event.type} of ${event.time}`).toBe(true);
  expect((await compareWithLog(there, copy.tables.tenant(tenant), tenant)).differing).toEqual([]);
});

test("who read a state before a failover and commits after it is stale, whatever took the place of what was lost", async () => {
  const tenant = `t${++tenants}`;
  const deps = { tables: home.tables, clock: home.clock, lanes, region: "eu-west-1" };
  const at = logOn(home.tables, "eu-west-1");
  await grow(at, tenant, []);
  const commit = (log: EventLog, stream: Awaited<ReturnType<EventLog["load"]>>, name: string) =>
    log.commit({
      tenant,
      actor: { subject: "tester", roles: [] },
      at: home.clock.now(),
      stream,
      event: owner(name, true),
    });
  for (let failovers = 1; failovers <= 3; failovers++) {
    await put(at, tenant, "owner", "a", owner(`lost${failovers}`, true)).catch(() => undefined); // fenced once
    await put(at, tenant, "owner", "a", owner(`lost${failovers}`, true));
    // A process that never wrote the lane, so that no epoch is known to it.
    const slow = logOn(home.tables, "eu-west-1");
    const read = await slow.load(tenant, "owner", "a");
    expect(read.state).toMatchObject({ name: `lost${failovers}` });
    const { lane, seq } = (await everything(at, tenant)).find(
      ({ event }) => "name" in event.data && event.data.name === `lost${failovers}`,
    ) ?? { lane: 0, seq: 0 };
    await home.tables
      .tenant(tenant)
      .transact([{ delete: { pk: `T#${tenant}#L#${lane}` as Item["pk"], sk: `E#${String(seq).padStart(12, "0")}` } }]);
    await failOver(deps, tenant);
    const there = logOn(home.tables, "eu-west-1");
    // As many events as were lost, and as many again: no revision is reached that was read before.
    for (let n = 0; n < 2; n++) {
      expect(await commit(slow, read, "slow")).toEqual({ ok: false, reason: "stale" });
      expect(await put(there, tenant, "owner", "a", owner(`other${n}`, true))).toMatchObject({ ok: true });
    }
    expect(await commit(slow, read, "slow")).toEqual({ ok: false, reason: "stale" });
    expect(await commit(slow, await slow.load(tenant, "owner", "a"), `fresh${failovers}`)).toMatchObject({ ok: true });
    expect((await compareWithLog(there, home.tables.tenant(tenant), tenant)).differing).toEqual([]);
  }
});

test("a state of a later epoch than its lane's head is not written over: the copy is in pieces", async () => {
  const tenant = `t${++tenants}`;
  const at = logOn(home.tables, "eu-west-1");
  await grow(at, tenant, []);
  const heads = home.rows(tenant).filter(({ pk, sk }) => pk.includes("#L#") && sk === "HEAD");
  await failOver({ tables: home.tables, clock: home.clock, lanes, region: "eu-west-1" }, tenant);
  const there = logOn(home.tables, "eu-west-1");
  await put(there, tenant, "owner", "a", owner("newer", true));
  await home.tables.tenant(tenant).transact(heads.map((head) => ({ put: head })));
  const late = logOn(home.tables, "eu-west-1");
  await expect(put(late, tenant, "owner", "a", owner("over", true))).rejects.toThrow(
    /in pieces here: owner a was written in epoch 2 and its lane's head says 1/,
  );
});

test("cut off after any of its transactions it is finished by the next call", async () => {
  for (let after = 0, finished = false; !finished; after++) {
    const tenant = `t${++tenants}`;
    await grow(logOn(home.tables, "eu-west-1"), tenant, [1, 3, 2, 4, 5, 6, 7, 8]);
    const gap = `E#${String(2).padStart(12, "0")}`;
    const rows = home.rows(tenant).filter(({ pk, sk }) => !(pk.endsWith("#L#1") && sk === gap));
    await replicate(rows, [], [0]);
    let calls = 0;
    const tables: TableStore = {
      ...copy.tables,
      tenant: (name) => ({
        ...copy.tables.tenant(name),
        transact: (writes) =>
          calls++ === after ? Promise.reject(new Error("cut")) : copy.tables.tenant(name).transact(writes),
      }),
    };
    const deps = { clock: home.clock, lanes, region: "eu-central-1" };
    const first = await failOver({ ...deps, tables }, tenant).catch((error: unknown) => error);
    finished = !(first instanceof Error);
    const there = logOn(copy.tables, "eu-central-1");
    if (!finished && after > 0 && calls > 1)
      await expect(put(there, tenant, "owner", "q", owner("q", false))).rejects.toThrow(/is being failed over/);
    const report = await failOver({ ...deps, tables: copy.tables }, tenant);
    if (!finished) expect(report.lanes[1]?.sequence).toBe(1);
    await expectSoundChain(there, tenant);
    expect((await compareWithLog(there, copy.tables.tenant(tenant), tenant)).differing).toEqual([]);
    expect(await put(there, tenant, "owner", "q", owner("q", false))).toMatchObject({ ok: true });
  }
});

test("of two failovers at once one is done, and the other says so", async () => {
  const tenant = `t${++tenants}`;
  await grow(logOn(home.tables, "eu-west-1"), tenant, [1, 3, 2, 4, 5]);
  const deps = { tables: home.tables, clock: home.clock, lanes, region: "eu-central-1" };
  const both = await Promise.allSettled([failOver(deps, tenant), failOver(deps, tenant)]);
  expect(both.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  for (const one of both)
    if (one.status === "rejected")
      expect(one.reason).toMatchObject({ code: expect.stringMatching(/^(conflict|unavailable)$/) });
  const there = logOn(home.tables, "eu-central-1");
  await expectSoundChain(there, tenant);
  expect((await compareWithLog(there, home.tables.tenant(tenant), tenant)).differing).toEqual([]);
});
