/** Read models follow the log exactly once, whatever the wakes do. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { TableStore, Write } from "#shared/ports/table";
import { type LocalStore, localStore } from "#test/log/local-log";
import { laneOf } from "../log/keys.ts";
import { soundIndex } from "./index-entries.ts";
import type { Projection } from "./projection.ts";
import { catchUp, liftQuarantine, readProjection, replayProjection } from "./runner.ts";

let store: LocalStore;
let tenant: string;
let tenants = 0;
let members = 0;
beforeAll(() => {
  store = localStore();
});
afterAll(() => store.close());
beforeEach(() => {
  tenant = `t${++tenants}`;
});

async function change(log: EventLog, display_name = "x", of = tenant): Promise<{ lane: number; seq: number }> {
  const outcome = await log.commit({
    tenant: of,
    actor: { subject: "tester", roles: [] },
    at: store.clock.now(),
    stream: { kind: "member", id: `m${++members}`, rev: 0, state: undefined, origin: undefined },
    event: { type: "member.upserted", data: { display_name, email: null, roles: [] } },
  });
  if (!outcome.ok) throw new Error("not committed");
  return outcome.position;
}

type Seen = readonly (readonly [lane: number, seq: number])[];

/** Remembers each application, so that one too many or too few shows. Fails at what is named in `poison`. */
const seeing = (name: string, poison: readonly string[] = []): Projection<Seen> => ({
  name,
  initial: [],
  apply(state, { event, lane, seq }: LoggedEvent) {
    if (event.type === "member.upserted" && poison.includes(event.data.display_name ?? ""))
      throw new RangeError(`cannot digest ${event.data.display_name}`);
    return [...state, [lane, seq]];
  },
});

const all = async (log: EventLog): Promise<Seen> => {
  const heads = await log.heads(tenant);
  return heads.flatMap(({ lane, seq }) => Array.from({ length: seq }, (_, n) => [lane, n + 1] as const));
};
const sorted = (seen: Seen): Seen => seen.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);

describe.each([1, 8])("on %i lane(s)", (lanes) => {
  test("a row and an index of an earlier shape are made anew from the log", async () => {
    const log = store.process(lanes);
    const deps = { log, tables: store.tables };
    for (const name of ["a", "b", "c"]) await change(log, name);
    const table = store.tables.tenant(tenant);
    await catchUp(deps, tenant, { ...seeing("seeing"), initial: [[0, 0]] });
    const anew: Projection<Seen> = {
      ...seeing("seeing"),
      shape: 2,
      entries: ({ lane, seq }) => [{ sort: `${lane}/${seq}`, id: "x" }],
    };
    expect(
      await readProjection(table, tenant, anew),
      "nobody reads the earlier one as if it were this",
    ).toBeUndefined();
    await change(log, "d");
    const row = await catchUp(deps, tenant, anew);
    expect(sorted(row.state)).toEqual(await all(log));
    expect(await readProjection(table, tenant, anew)).toEqual(row);
    expect(JSON.stringify(row)).toBe(JSON.stringify(await replayProjection(log, tenant, anew)));
    expect(await soundIndex(log, table, tenant, anew)).toBe(true);
  });

  test("what is tried again by hand goes on where it stopped, and is quarantined again while it is poison", async () => {
    const log = store.process(lanes);
    const deps = { log, tables: store.tables };
    for (const name of ["a", "poison", "b", "c"]) await change(log, name);
    const poisoned = seeing("seeing", ["poison"]);
    const before = await catchUp(deps, tenant, poisoned);
    expect(before.cursor.quarantined).toHaveLength(1);
    await liftQuarantine(deps, tenant, poisoned);
    expect((await readProjection(store.tables.tenant(tenant), tenant, poisoned))?.cursor.quarantined).toEqual([]);
    expect(await catchUp(deps, tenant, poisoned)).toEqual(before);
    await liftQuarantine(deps, tenant, poisoned);
    const mended = seeing("seeing");
    const after = await catchUp(deps, tenant, mended);
    expect(after.cursor.quarantined).toEqual([]);
    expect(sorted(after.state)).toEqual(await all(log));
    expect(sorted((await replayProjection(log, tenant, mended)).state)).toEqual(sorted(after.state));
    await liftQuarantine(deps, tenant, mended); // nothing to lift
    expect(await catchUp(deps, tenant, mended)).toEqual(after);
  });

  test("every event counts once, however often, late or at once the wakes come", { timeout: 60_000 }, async () => {
    const wakes = fc.array(
      fc.record({ events: fc.nat(6), runners: fc.integer({ min: 0, max: 4 }), restart: fc.boolean() }),
      { minLength: 1, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(wakes, async (steps) => {
        tenant = `t${++tenants}`;
        const log = store.process(lanes);
        const projection = seeing("seeing");
        const deps = { log, tables: store.tables };
        const first = new Map<number, number>();
        for (const { events, runners } of steps) {
          const committing = Array.from({ length: events }, () => change(log));
          await Promise.all([
            ...committing,
            ...Array.from({ length: runners }, () =>
              catchUp(runners % 2 === 0 ? deps : { ...deps, log: store.process(lanes) }, tenant, projection),
            ),
          ]);
        }
        const row = await catchUp(deps, tenant, projection);
        expect(sorted(row.state)).toEqual(await all(log));
        for (const [lane, seq] of row.state) {
          // Within a lane in order.
          expect(seq).toBe((first.get(lane) ?? 0) + 1);
          first.set(lane, seq);
        }
        expect(row.cursor).toEqual({ lanes: (await log.heads(tenant)).map(({ seq }) => seq), quarantined: [] });
        // Nothing is stored of a tenant without events.
        const stored = await readProjection(store.tables.tenant(tenant), tenant, projection);
        expect(stored).toEqual(row.state.length === 0 ? undefined : row);
        expect(sorted((await replayProjection(log, tenant, projection)).state)).toEqual(sorted(row.state));
      }),
      { numRuns: 20 },
    );
  });

  test("more events than one batch", { timeout: 60_000 }, async () => {
    const log = store.process(lanes);
    await Promise.all(Array.from({ length: 1200 }, () => change(log)));
    const { state } = await catchUp({ log, tables: store.tables }, tenant, seeing("many"));
    expect(sorted(state)).toEqual(await all(log));
  });
});

test("nothing to do writes nothing", async () => {
  const log = store.process(1);
  const writes: (readonly Write[])[] = [];
  const counting: TableStore = {
    ...store.tables,
    tenant(name) {
      const table = store.tables.tenant(name);
      return { ...table, transact: (batch) => (writes.push(batch), table.transact(batch)) };
    },
  };
  const deps = { log, tables: counting };
  expect((await catchUp(deps, tenant, seeing("idle"))).state).toEqual([]);
  expect(writes).toEqual([]);
  await change(log);
  await catchUp(deps, tenant, seeing("idle"));
  await catchUp(deps, tenant, seeing("idle"));
  expect(writes).toHaveLength(1);
});

test("an interrupted run goes on where it stood", async () => {
  const log = store.process(1);
  await change(log);
  let broken = true;
  const tables: TableStore = {
    ...store.tables,
    tenant(name) {
      const table = store.tables.tenant(name);
      return {
        ...table,
        transact: async (writes) => {
          const outcome = await table.transact(writes);
          if (broken) throw new Error("nobody hears");
          return outcome;
        },
      };
    },
  };
  await expect(catchUp({ log, tables }, tenant, seeing("cut"))).rejects.toThrow("nobody hears");
  broken = false;
  await change(log);
  expect((await catchUp({ log, tables }, tenant, seeing("cut"))).state).toEqual([
    [0, 1],
    [0, 2],
  ]);
});

describe("poison", () => {
  /** A change in another of the 8 lanes than those. */
  function elsewhere(log: EventLog, taken: readonly number[], name: string): Promise<{ lane: number; seq: number }> {
    while (taken.includes(laneOf({ kind: "member", id: `m${members + 1}` }, 8))) members++;
    return change(log, name);
  }

  test("stops its lane for this projection and this tenant alone", async () => {
    const log = store.process(8);
    const other = `${tenant}-b`;
    const deps = { log, tables: store.tables };
    const good = await change(log);
    const bad = await elsewhere(log, [good.lane], "poison");
    await change(log, "poison", other);
    const picky = seeing("picky", ["poison"]);
    const row = await catchUp(deps, tenant, picky);
    expect(row.cursor.quarantined).toEqual([
      { lane: bad.lane, seq: bad.seq, error: "RangeError: cannot digest poison" },
    ]);
    expect(row.cursor.lanes[bad.lane]).toBe(bad.seq - 1);
    // Other lanes go on, the poisoned one does not, and nothing is counted twice.
    for (let n = 0; n < 30; n++) await change(log);
    const later = await catchUp(deps, tenant, picky);
    const expected = (await all(log)).filter(([lane, seq]) => lane !== bad.lane || seq < bad.seq);
    expect(sorted(later.state)).toEqual(expected);
    // Another projection of the same tenant, and the same one of another tenant, are untouched.
    expect(sorted((await catchUp(deps, tenant, seeing("robust"))).state)).toEqual(await all(log));
    expect((await catchUp(deps, other, seeing("robust"))).cursor.quarantined).toEqual([]);
    expect((await catchUp(deps, other, picky)).cursor.quarantined).toHaveLength(1);
  });

  test("an event that cannot be read is poison too; those before it count", async () => {
    const log = store.process(1);
    for (let n = 0; n < 5; n++) await change(log);
    const [row] = store.rows(tenant).filter(({ sk }) => sk === "E#000000000004");
    const replace = store.sqlite.db.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?");
    replace.run((row?.body ?? "").replace("member.upserted", "member.invented"), row?.pk ?? "", row?.sk ?? "");
    const deps = { log, tables: store.tables };
    const { state, cursor } = await catchUp(deps, tenant, seeing("reader"));
    expect(state).toHaveLength(3);
    expect(cursor).toMatchObject({
      lanes: [3],
      quarantined: [{ lane: 0, seq: 4, error: expect.stringContaining("member.invented") as unknown }],
    });
    expect(await replayProjection(log, tenant, seeing("reader"))).toEqual({ state, cursor });
    // Not tried again and again.
    expect(await catchUp(deps, tenant, seeing("reader"))).toEqual({ state, cursor });
  });

  test("the row says the same whichever lane was poisoned first", async () => {
    const log = store.process(8);
    const deps = { log, tables: store.tables };
    const picky = seeing("picky", ["poison"]);
    const taken: number[] = [];
    for (let n = 0; n < 6; n++) {
      taken.push((await elsewhere(log, taken, "poison")).lane);
      await catchUp(deps, tenant, picky);
    }
    const live = await catchUp(deps, tenant, picky);
    expect(live.cursor.quarantined.length).toBe(6);
    expect(JSON.stringify((await replayProjection(log, tenant, picky)).cursor)).toBe(JSON.stringify(live.cursor));
  });
});
