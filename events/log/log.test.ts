import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Append, EventLog, Snapshot } from "#shared/ports/event-log";
import { isFailure } from "#shared/kernel/failure";
import type { Table, TableStore, Write } from "#shared/ports/table";
import { type LocalStore, localStore } from "#test/log/local-log";
import { expectSoundChain } from "#test/log/sound";
import { laneOf } from "./keys.ts";
import { createEventLog } from "./log.ts";

let store: LocalStore;
beforeAll(() => {
  store = localStore();
});
afterAll(() => store.close());

let tenants = 0;
const fresh = (): string => `t${++tenants}`;

const actor = { subject: "tester", roles: [] };

/** A change of one member: needs nothing else to be there. */
function memberPut(tenant: string, stream: Snapshot, more: Partial<Append> = {}): Append {
  return {
    tenant,
    actor,
    at: store.clock.now(),
    stream,
    event: { type: "member.upserted", data: { display_name: null, email: null, roles: [] } },
    ...more,
  };
}

const absent = (id: string): Snapshot => ({ kind: "member", id, rev: 0, state: undefined, origin: undefined });

const idempotency = (key: string) => ({ key, fingerprint: "f", status: 201, operation: "o", resource: "r" });

/** A store whose transactions break as told: `before` nothing happened, `after` it happened and nobody heard. */
function breaking(tables: TableStore, next: () => "before" | "after" | "fine"): TableStore {
  return {
    ...tables,
    tenant(tenant) {
      const table = tables.tenant(tenant);
      const transact: Table["transact"] = async (writes) => {
        const how = next();
        if (how === "before") throw new Error("cut before the write");
        const outcome = await table.transact(writes);
        if (how === "after") throw new Error("cut after the write");
        return outcome;
      };
      return { ...table, transact };
    },
  };
}

describe("a store that breaks", () => {
  test("an unknown outcome is an error to everybody in the batch, and the writer goes on from what is stored", async () => {
    const tenant = fresh();
    const fate = ["fine", "after", "before", "fine"] as const;
    let at = 0;
    const log = store.process(
      1,
      breaking(store.tables, () => fate[at++] ?? "fine"),
    );
    const attempt = (id: string) => log.commit(memberPut(tenant, absent(id), { idempotency: idempotency(id) }));
    expect(await attempt("first")).toMatchObject({ ok: true, position: { seq: 1 } });
    const unheard = await Promise.allSettled([attempt("a"), attempt("b")]);
    expect(unheard.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(attempt("c")).rejects.toThrow("cut before");
    expect(await Promise.all([attempt("a"), attempt("b"), attempt("c")])).toMatchObject([
      { ok: false, reason: "replayed" },
      { ok: false, reason: "replayed" },
      { ok: true, position: { seq: 4 } },
    ]);
    expect(await expectSoundChain(log, tenant)).toHaveLength(4);
  });
});

describe("batches", () => {
  test("more writes than one transaction holds are split, in order", async () => {
    const tenant = fresh();
    const sizes: number[] = [];
    const counting: TableStore = {
      ...store.tables,
      tenant(name) {
        const table = store.tables.tenant(name);
        return {
          ...table,
          transact: (writes: readonly Write[]) => {
            sizes.push(writes.length);
            return table.transact(writes);
          },
        };
      },
    };
    const log = store.process(1, counting);
    const outcomes = await Promise.all(
      Array.from({ length: 150 }, (_, n) =>
        log.commit(memberPut(tenant, absent(`m${n}`), { idempotency: idempotency(`k${n}`) })),
      ),
    );
    expect(outcomes.map((outcome) => outcome.ok && outcome.position.seq)).toEqual(
      Array.from({ length: 150 }, (_, n) => n + 1),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    // Far fewer transactions than commands: that is what the batch is for.
    expect(sizes.length).toBeLessThan(10);
    await expectSoundChain(log, tenant);
  });

  test("one command that needs more than a transaction is refused as too large, and its neighbours go on", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const effects = Array.from({ length: 99 }, (_, n) => ({ id: `e${n}`, destination: "mail", payload: {} }));
    const [large, small] = await Promise.allSettled([
      log.commit(memberPut(tenant, absent("large"), { effects })),
      log.commit(memberPut(tenant, absent("small"))),
    ]);
    expect(large).toMatchObject({ status: "rejected", reason: { code: "too_large" } });
    expect(small).toMatchObject({ status: "fulfilled", value: { ok: true } });
  });

  test("large events that wait together are split by their bytes too", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const display_name = "x".repeat(290 * 1024);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        log.commit(
          memberPut(tenant, absent(`m${n}`), {
            event: { type: "member.upserted", data: { display_name, email: null, roles: [] } },
          }),
        ),
      ),
    );
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    await expectSoundChain(log, tenant);
  });

  test("a command that its aggregate does not understand fails alone", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const [good, wrong, late] = await Promise.allSettled([
      log.commit(memberPut(tenant, absent("good"))),
      log.commit(memberPut(tenant, absent("wrong"), { event: { type: "owner.deleted", data: {} } })),
      log.commit(memberPut(tenant, absent("late"))),
    ]);
    expect(wrong).toMatchObject({
      status: "rejected",
      reason: new TypeError("member does not evolve on owner.deleted"),
    });
    expect(good).toMatchObject({ status: "fulfilled", value: { ok: true } });
    expect(late).toMatchObject({ status: "fulfilled", value: { ok: true } });
    expect(await expectSoundChain(log, tenant)).toHaveLength(2);
  });

  test("a command whose state would be larger than a row fails alone, as too large", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const text = "x".repeat(200 * 1024);
    const created: Append["event"] = {
      type: "identity.created",
      data: {
        kind: "x509_certificate",
        name: "i",
        owner: "o",
        issuer: null,
        profile: null,
        dns_names: [],
        attributes: { text },
      },
    };
    const stream: Snapshot = { kind: "identity", id: "i", rev: 0, state: undefined, origin: undefined };
    await log.commit(memberPut(tenant, stream, { event: created }));
    const identity = await log.load(tenant, "identity", "i");
    const [large, small] = await Promise.allSettled([
      log.commit(memberPut(tenant, identity, { event: { type: "identity.deployed", data: { note: text } } })),
      log.commit(memberPut(tenant, absent("small"))),
    ]);
    expect(large).toMatchObject({ status: "rejected", reason: { code: "too_large" } });
    expect(small).toMatchObject({ status: "fulfilled", value: { ok: true } });
  });

  test("a command is not refused as busy because of its neighbours' stale snapshots", async () => {
    const tenant = fresh();
    const log = store.process(1);
    await log.commit(memberPut(tenant, absent("hot")));
    const hot = await log.load(tenant, "member", "hot");
    // Each of these stands in a batch of its own: they touch the same aggregate.
    const contenders = Array.from({ length: 40 }, () => log.commit(memberPut(tenant, hot)));
    const [first = Promise.reject(new Error("none"))] = contenders;
    const bystanders = first.then(() =>
      Promise.all(Array.from({ length: 3 }, (_, n) => log.commit(memberPut(tenant, absent(`late${n}`))))),
    );
    expect((await Promise.all(contenders)).filter(({ ok }) => ok)).toHaveLength(1);
    expect((await bystanders).every(({ ok }) => ok)).toBe(true);
  });

  test("two logs that fight for a lane both come through", async () => {
    const tenant = fresh();
    const logs = [store.process(1), store.process(1), store.process(1)];
    const outcomes = await Promise.all(
      logs.flatMap((log, process) =>
        Array.from({ length: 20 }, (_, n) => log.commit(memberPut(tenant, absent(`${process}-${n}`)))),
      ),
    );
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(await expectSoundChain(logs[0] as EventLog, tenant)).toHaveLength(60);
  });
});

describe("refusals", () => {
  test("an event that would be too large", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const event = (display_name: string) =>
      ({ type: "member.upserted", data: { display_name, email: null, roles: [] } }) as const;
    for (const text of ["x".repeat(301 * 1024), "é".repeat(160 * 1024), "漢".repeat(110 * 1024)]) {
      await expect(log.commit(memberPut(tenant, absent("m"), { event: event(text) }))).rejects.toMatchObject({
        code: "too_large",
      });
    }
    expect(await log.heads(tenant)).toEqual([{ lane: 0, seq: 0, hash: "" }]);
  });

  test.each([
    { written: 8, read: 1 },
    { written: 1, read: 8 },
    { written: 8, read: 4 },
  ])("a log of $written lanes opened with $read, whatever lane is touched", async ({ written, read }) => {
    const tenant = fresh();
    const right = store.process(written);
    // Not in lane 0, where everybody would look.
    const first = ["a", "b", "c", "d", "e", "f", "g", "h"].find((id) => laneOf({ kind: "member", id }, written) > 0);
    await right.commit(memberPut(tenant, absent(first ?? "first")));
    const wrong = store.process(read);
    const refused = (error: unknown) => isFailure(error, "misconfigured") && error.message.includes(`${written} lanes`);
    for (let n = 0; n < 20; n++) {
      await expect(wrong.commit(memberPut(tenant, absent(`m${n}`)))).rejects.toSatisfy(refused);
    }
    await expect(wrong.heads(tenant)).rejects.toSatisfy(refused);
    expect(await expectSoundChain(right, tenant)).toHaveLength(1);
    // The right one still finds its way, also into lanes that had nothing yet.
    for (let n = 0; n < 20; n++)
      expect(await right.commit(memberPut(tenant, absent(`m${n}`)))).toMatchObject({ ok: true });
    await expectSoundChain(right, tenant);
  });
});

describe("idempotency", () => {
  test("a key is taken for seven days and then free again", async () => {
    const tenant = fresh();
    const log = store.process(1);
    const commit = (id: string) => log.commit(memberPut(tenant, absent(id), { idempotency: idempotency("key") }));
    expect(await commit("a")).toMatchObject({ ok: true });
    expect(await log.replayOf(tenant, "key")).toEqual(idempotency("key"));
    store.clock.advance(7 * 86_400_000 - 1);
    expect(await commit("b")).toEqual({ ok: false, reason: "replayed" });
    store.clock.advance(1);
    expect(await log.replayOf(tenant, "key")).toBeUndefined();
    expect(await commit("b")).toMatchObject({ ok: true });
  });

  test("many at once with one key: one is applied, the others are told", async () => {
    const tenant = fresh();
    const logs = [store.process(8), store.process(8)];
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        (logs[n % 2] as EventLog).commit(memberPut(tenant, absent(`m${n}`), { idempotency: idempotency("one") })),
      ),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === "replayed")).toHaveLength(29);
    expect(await expectSoundChain(logs[0] as EventLog, tenant)).toHaveLength(1);
  });

  test("the same key of another tenant is another key", async () => {
    const log = store.process(1);
    for (const tenant of [fresh(), fresh()])
      expect(await log.commit(memberPut(tenant, absent("m"), { idempotency: idempotency("key") }))).toMatchObject({
        ok: true,
      });
  });
});

describe("reading", () => {
  test("events after a sequence, across pages", async () => {
    const tenant = fresh();
    const log = store.process(1);
    await Promise.all(Array.from({ length: 30 }, (_, n) => log.commit(memberPut(tenant, absent(`m${n}`)))));
    expect((await log.read(tenant, 0, 0, 1000)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 30 }, (_, n) => n + 1),
    );
    expect((await log.read(tenant, 0, 10, 5)).map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15]);
    expect(await log.read(tenant, 0, 30, 5)).toEqual([]);
  });

  test("a doorbell rings for each committed batch, and only then", async () => {
    const tenant = fresh();
    const rung: unknown[] = [];
    const log = createEventLog({
      tables: store.tables,
      wakes: { ring: (wake) => void rung.push(wake), listen: () => async () => undefined },
      lanes: 1,
    });
    await log.commit(memberPut(tenant, absent("m")));
    expect(rung).toEqual([{ tenant, lane: 0 }]);
    await log.commit(memberPut(tenant, absent("m")));
    expect(rung).toHaveLength(1);
  });

  test("whatever byte of a stored event is changed, the chain shows it", { timeout: 60_000 }, async () => {
    const tenant = fresh();
    const log = store.process(1);
    for (const id of ["a", "b", "c"]) await log.commit(memberPut(tenant, absent(id)));
    const change = store.sqlite.db.prepare("UPDATE item SET body = ? WHERE pk = ? AND sk = ?");
    const stored = store.rows(tenant).filter(({ sk }) => sk.startsWith("E#"));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...stored),
        fc.nat(),
        fc.constantFrom("0", "x", "é"),
        async (item, at, letter) => {
          const place = at % item.body.length;
          const changed = item.body.slice(0, place) + letter + item.body.slice(place + 1);
          if (changed === item.body) return;
          change.run(changed, item.pk, item.sk);
          await expect(expectSoundChain(log, tenant)).rejects.toThrow(Error);
          change.run(item.body, item.pk, item.sk);
        },
      ),
      { numRuns: 60 },
    );
    await expectSoundChain(log, tenant);
    const remove = store.sqlite.db.prepare("DELETE FROM item WHERE pk = ? AND sk = ?");
    remove.run(stored[1]?.pk ?? "", stored[1]?.sk ?? "");
    await expect(expectSoundChain(log, tenant)).rejects.toThrow(Error);
  });
});
