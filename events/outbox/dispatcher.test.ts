/** Delivery (I7) on the real log and store: what a destination does and how the process ends are the test's. */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Effect } from "#shared/domain/aggregate";
import type { OutboxEntry } from "#shared/domain/outbox/outbox";
import { Failure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";
import { type LocalStore, localStore } from "#test/log/local-log";
import { expectSoundChain } from "#test/log/sound";
import { partition } from "../item-kinds.ts";
import { writeAttempt } from "./attempt.ts";
import { backoffMs, maxAttempts } from "./backoff.ts";
import { type Circuit, readCircuit, stateOf } from "./circuit.ts";
import type { Delivery, Destination } from "./destination.ts";
import { createDispatcher, type DispatcherDeps } from "./dispatcher.ts";

let store: LocalStore;
let log: EventLog;
let tenant: string;
let tenants = 0;
let ids = 0;
beforeAll(() => {
  store = localStore();
  log = store.process(1);
});
afterAll(() => store.close());
beforeEach(() => {
  tenant = `t${++tenants}`;
});

/** A change of the tenant that asks for these effects. @returns their entries' ids */
async function ask(destinations: readonly string[], of = tenant): Promise<string[]> {
  if (destinations.length === 0) return [];
  const effects: Effect[] = destinations.map((destination) => ({
    id: `e${String(++ids).padStart(6, "0")}`,
    destination,
    payload: { n: ids },
  }));
  const outcome = await log.commit({
    tenant: of,
    actor: { subject: "tester", roles: [] },
    at: store.clock.now(),
    stream: { kind: "member", id: `m${ids}`, rev: 0, state: undefined, origin: undefined },
    event: { type: "member.upserted", data: { display_name: null, email: null, roles: [] } },
    effects,
  });
  expect(outcome.ok).toBe(true);
  store.clock.advance(1);
  return effects.map(({ id }) => id);
}

const entryOf = async (id: string, of = tenant): Promise<OutboxEntry | undefined> =>
  (await log.load(of, "outbox", id)).state;

const attemptRows = (of = tenant) => store.rows(of).filter(({ pk }) => pk.endsWith("#O#attempt"));

interface Mail {
  readonly deps: DispatcherDeps;
  readonly delivered: Delivery[];
  readonly failures: { id: string; error: unknown }[];
}

type Behaviour = (delivery: Delivery) => unknown;

/** @param behaviours what each destination does with a delivery; what it throws is a failed one */
function mail(behaviours: Readonly<Record<string, Behaviour>>, over: Partial<DispatcherDeps> = {}): Mail {
  const delivered: Delivery[] = [];
  const failures: Mail["failures"] = [];
  const destinations = Object.fromEntries(
    Object.entries(behaviours).map(([name, behaviour]) => [
      name,
      {
        deliver: async (delivery: Delivery) => {
          await behaviour(delivery);
          delivered.push(delivery);
        },
      },
    ]),
  );
  const deps: DispatcherDeps = {
    log,
    tables: store.tables,
    clock: store.clock,
    destinations,
    random: () => 0,
    onFailure: ({ id }, error) => void failures.push({ id, error }),
    ...over,
  };
  return { deps, delivered, failures };
}

const down: Behaviour = () => {
  throw new Failure("unavailable", "the mail server is down");
};
const fine: Behaviour = () => undefined;

/** Runs and lets the time pass that the dispatcher asks for, until nothing waits. @returns the waits */
async function untilQuiet(run: (tenant: string) => Promise<number | undefined>, of = tenant): Promise<number[]> {
  const waits: number[] = [];
  for (let wait = await run(of); wait !== undefined; wait = await run(of)) {
    waits.push(wait);
    expect(waits.length).toBeLessThan(100);
    store.clock.advance(Math.ceil(wait));
  }
  return waits;
}

describe("delivery", () => {
  test("everything that was asked for arrives with its id and payload, and is settled", async () => {
    const asked = await ask(["mail", "mail", "chat"]);
    const { deps, delivered } = mail({ mail: fine, chat: fine });
    expect(await createDispatcher(deps).run(tenant)).toBeUndefined();
    expect(delivered.map(({ id }) => id).toSorted()).toEqual(asked);
    expect(delivered.every((delivery) => delivery.tenant === tenant && typeof delivery.payload["n"] === "number")).toBe(
      true,
    );
    for (const id of asked) expect(await entryOf(id)).toMatchObject({ status: "delivered", attempts: 1, error: null });
    await createDispatcher(deps).run(tenant);
    expect(delivered).toHaveLength(3);
  });

  test("oldest first within a destination, one at a time, over more than one page", async () => {
    const asked: string[] = [];
    for (let n = 0; n < 25; n++) asked.push(...(await ask(Array.from({ length: 10 }, () => "mail"))));
    let inFlight = 0;
    let most = 0;
    const { deps, delivered } = mail({
      mail: async () => {
        most = Math.max(most, ++inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight--;
      },
    });
    await createDispatcher(deps).run(tenant);
    expect(most).toBe(1);
    expect(delivered.map(({ id }) => id)).toEqual(asked);
  });

  test("destinations do not wait for each other", async () => {
    const [slow, fast] = await ask(["slow", "fast"]);
    const { deps, delivered } = mail({
      slow: () => vi.waitUntil(() => delivered.some(({ id }) => id === fast)),
      fast: fine,
    });
    await createDispatcher(deps).run(tenant);
    expect(delivered.map(({ id }) => id)).toEqual([fast, slow]);
  });

  test("one destination's failure does not stop another's", async () => {
    const [lost, kept] = await ask(["down", "mail"]);
    const { deps, delivered } = mail({ down, mail: fine });
    await createDispatcher(deps).run(tenant);
    expect(delivered.map(({ id }) => id)).toEqual([kept]);
    expect(await entryOf(lost ?? "")).toMatchObject({ status: "pending" });
  });

  test("tenants do not touch each other: neither entries nor circuits", async () => {
    const other = `${tenant}-b`;
    await ask(["mail", "mail", "mail", "mail"]);
    const [theirs] = await ask(["mail"], other);
    const { deps, delivered } = mail({ mail: (delivery) => (delivery.tenant === tenant ? down(delivery) : undefined) });
    const { run } = createDispatcher(deps);
    await Promise.all([run(tenant), run(other)]);
    expect(delivered).toMatchObject([{ tenant: other, id: theirs }]);
    expect(attemptRows(other)).toEqual([]);
  });

  test("a deadline ends a delivery that never comes back", async () => {
    const [id] = await ask(["mail"]);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { deps, failures } = mail({ mail: () => new Promise(() => undefined) });
      const done = createDispatcher(deps).run(tenant);
      await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 0 }).catch(() => undefined);
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(25_000);
      expect(await done).toBeGreaterThan(0);
      expect(failures).toMatchObject([{ id, error: { code: "unavailable" } }]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("retry", () => {
  test("waits a second, doubled each time up to five minutes, jittered over the upper half", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, random) => {
          const full = Math.min(300_000, 1000 * 2 ** (attempts - 1));
          expect(backoffMs(attempts, random)).toBeGreaterThanOrEqual(full / 2);
          expect(backoffMs(attempts, random)).toBeLessThanOrEqual(full);
          expect(backoffMs(attempts, 0)).toBe(full / 2);
        },
      ),
    );
  });

  test("a failed delivery is tried again when its time has come, not before, and then settled with its count", async () => {
    const [id = ""] = await ask(["mail"]);
    let works = false;
    const { deps, delivered, failures } = mail({ mail: (delivery) => (works ? undefined : down(delivery)) });
    const { run } = createDispatcher(deps);
    expect(await run(tenant)).toBe(500);
    store.clock.advance(499);
    expect(await run(tenant)).toBe(1);
    expect(failures).toHaveLength(1);
    works = true;
    store.clock.advance(1);
    expect(await run(tenant)).toBeUndefined();
    expect(delivered).toMatchObject([{ id }]);
    expect(await entryOf(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  test("a clock that is set back postpones nothing: no pause is longer than the longest", async () => {
    const [id = ""] = await ask(["mail"]);
    const { deps, failures } = mail({ mail: down });
    const { run } = createDispatcher(deps);
    for (let failed = 1; failed <= 3; failed++) store.clock.advance((await run(tenant)) ?? 0);
    expect(failures).toHaveLength(3);
    // The breaker is open for 30 s, the entry waits for its fourth attempt: both said so before the clock was set back.
    store.clock.advance(-3_600_000);
    expect(await run(tenant)).toBe(4_000);
    expect(failures).toHaveLength(4);
    store.clock.advance(3_600_000);
    await createDispatcher(mail({ mail: fine }).deps).run(tenant);
    expect(await entryOf(id)).toMatchObject({ status: "delivered", attempts: 5 });
  });

  test("the count survives the process", async () => {
    const [id = ""] = await ask(["mail"]);
    for (let attempt = 1; attempt <= 5; attempt++) {
      // A new dispatcher each time: nothing but the store remembers.
      const wait = await createDispatcher(mail({ mail: down }).deps).run(tenant);
      expect(wait).toBe(backoffMs(attempt, 0));
      store.clock.advance(Math.max(wait ?? 0, 30_000)); // the circuit has opened by then
    }
    await createDispatcher(mail({ mail: fine }).deps).run(tenant);
    expect(await entryOf(id)).toMatchObject({ status: "delivered", attempts: 6 });
  });

  test("after the last attempt it is dead, visibly, and nothing is tried any more", async () => {
    const [id = ""] = await ask(["mail"]);
    const { deps, failures } = mail({ mail: down });
    const { run } = createDispatcher(deps);
    await untilQuiet(run);
    expect(failures).toHaveLength(maxAttempts);
    expect(await entryOf(id)).toEqual(
      expect.objectContaining({ status: "dead", attempts: maxAttempts, error: "unavailable: the mail server is down" }),
    );
    store.clock.advance(86_400_000);
    expect(await run(tenant)).toBeUndefined();
    expect(failures).toHaveLength(maxAttempts);
  });

  test.each(["unprocessable", "not_found", "invalid_field"] as const)(
    "what cannot help to try again (%s) is dead at once, and says nothing about the destination",
    async (code) => {
      const asked = await ask(["mail", "mail", "mail", "mail", "mail"]);
      const last = asked.at(-1);
      const { deps, delivered } = mail({
        mail: ({ id }) => {
          if (id !== last) throw new Failure(code, "no such mailbox");
        },
      });
      expect(await createDispatcher(deps).run(tenant)).toBeUndefined();
      expect(delivered).toMatchObject([{ id: last }]);
      expect(await entryOf(asked[0] ?? "")).toMatchObject({
        status: "dead",
        attempts: 1,
        error: `${code}: no such mailbox`,
      });
    },
  );

  test.each(["nowhere", "toString", "__proto__"])(
    "an unknown destination (%s) is dead at once",
    async (destination) => {
      const [id = ""] = await ask([destination]);
      await createDispatcher(mail({ mail: fine }).deps).run(tenant);
      expect(await entryOf(id)).toMatchObject({ status: "dead", attempts: 1 });
    },
  );

  test("what a defect throws is not shown, only reported", async () => {
    const [id = ""] = await ask(["mail"]);
    const { deps, failures } = mail({
      mail: () => {
        throw new TypeError("password=hunter2");
      },
    });
    await untilQuiet(createDispatcher(deps).run);
    expect(String(failures[0]?.error)).toContain("hunter2");
    expect(JSON.stringify(store.rows(tenant))).not.toContain("hunter2");
    expect(await entryOf(id)).toMatchObject({
      status: "dead",
      error: "internal: internal error; the operator finds details in the host's log",
    });
  });
});

describe("the circuit", () => {
  test("opens after three failures in a row, half-opens after 30 s with one probe, closes with a success", async () => {
    await ask(Array.from({ length: 8 }, () => "mail"));
    let works = false;
    const { deps, delivered, failures } = mail({ mail: (delivery) => (works ? undefined : down(delivery)) });
    const { run } = createDispatcher(deps);
    await run(tenant);
    expect(failures).toHaveLength(3);
    for (const _ of [1, 2]) {
      store.clock.advance(29_999);
      await run(tenant);
      store.clock.advance(1);
      const before = failures.length;
      await run(tenant);
      expect(failures).toHaveLength(before + 1);
    }
    expect(failures).toHaveLength(5);
    works = true;
    store.clock.advance(30_000);
    await untilQuiet(run);
    expect(delivered).toHaveLength(8);
  });

  test("a success in between starts the count anew", async () => {
    await ask(Array.from({ length: 9 }, () => "mail"));
    let n = 0;
    const { deps, failures } = mail({ mail: (delivery) => (++n % 3 === 0 ? undefined : down(delivery)) });
    await createDispatcher(deps).run(tenant);
    expect(failures).toHaveLength(6);
  });

  test("is of one destination alone", async () => {
    await ask(["down", "down", "down", "down", "mail", "mail"]);
    const { deps, delivered } = mail({ down, mail: fine });
    await createDispatcher(deps).run(tenant);
    expect(delivered).toHaveLength(2);
  });

  test("a probe that was the entry's last attempt still decides", async () => {
    // Three that fail for the tenth time: the destination is down, whatever becomes of the entries.
    const { tables, clock } = store;
    for (const id of await ask(["mail", "mail", "mail"]))
      await writeAttempt(
        tables.tenant(tenant),
        tenant,
        { id, rev: 1 },
        {
          attempts: maxAttempts - 1,
          nextAt: clock.now(),
          error: "",
        },
      );
    const more = await ask(["mail", "mail"]);
    const { deps, failures } = mail({ mail: down });
    await createDispatcher(deps).run(tenant);
    expect(failures).toHaveLength(3);
    expect(failures.some(({ id }) => more.includes(id))).toBe(false);
  });
});

describe("the circuit, as it is kept", () => {
  const circuit = (of = tenant) => readCircuit({ log, tables: store.tables }, of, "mail");

  test("says how often, since when and with what a destination failed, until it succeeds", async () => {
    await ask(["mail"]);
    const since = store.clock.now();
    const { deps } = mail({ mail: down });
    for (let n = 1; n <= 3; n++) {
      expect((await circuit())?.failures ?? 0).toBe(n - 1);
      store.clock.advance((await createDispatcher(deps).run(tenant)) ?? 0);
    }
    const found = await circuit();
    expect(found).toMatchObject({ failures: 3, since, error: "unavailable: the mail server is down" });
    const { openUntil = 0 } = found ?? {};
    const states = [openUntil - 1, openUntil].map((now) => found && stateOf(found, now));
    expect(states).toEqual(["open", "half_open"]);
    store.clock.advance(30_000);
    await createDispatcher(mail({ mail: fine }).deps).run(tenant);
    expect(await circuit()).toBeUndefined();
  });

  test("a reset closes it at once, and what was counted before counts no more", async () => {
    await ask(["mail", "mail", "mail", "mail"]);
    const { deps, failures } = mail({ mail: down });
    await createDispatcher(deps).run(tenant);
    const before = await log.load(tenant, "intervention", "circuit:mail");
    await log.commit({
      tenant,
      actor: { subject: "operator", roles: [] },
      at: store.clock.now(),
      stream: before,
      event: { type: "circuit.reset", data: { destination: "mail" } },
    });
    expect(await circuit()).toBeUndefined();
    await createDispatcher(deps).run(tenant);
    expect(failures).toHaveLength(4); // the fourth; the others wait for their own time
    expect(await circuit()).toMatchObject({ failures: 1, openUntil: 0 });
    expect(stateOf((await circuit()) as Circuit, store.clock.now())).toBe("closed");
  });

  test("a service of our own is counted and never kept waiting", async () => {
    await ask(Array.from({ length: 5 }, () => "mail"));
    const { deps, failures } = mail({ mail: down });
    const ours = { ...deps, destinations: { mail: { ...deps.destinations["mail"], own: true } as Destination } };
    await createDispatcher(ours).run(tenant);
    expect(failures).toHaveLength(5);
    expect(await circuit()).toMatchObject({ failures: 5, openUntil: 0 });
  });

  test("what a release before wrote is read", async () => {
    const key = { pk: partition(tenant, "O#circuit"), sk: "mail" };
    const body = JSON.stringify({ failures: 3, openUntil: store.clock.now() + 30_000 });
    await store.tables.tenant(tenant).transact([{ put: { ...key, rev: 1, body } }]);
    expect(await circuit()).toMatchObject({ failures: 3, since: 0 });
  });
});

describe("several processes at one tenant", () => {
  test("what a destination failed for one, the others know; a success of any closes the circuit for all", async () => {
    await ask(Array.from({ length: 8 }, () => "mail"));
    const [one, other] = [mail({ mail: down }), mail({ mail: fine })];
    await createDispatcher(one.deps).run(tenant);
    expect(one.failures).toHaveLength(3);
    const { run } = createDispatcher(other.deps);
    expect(await run(tenant)).toBe(30_000);
    store.clock.advance(29_999);
    expect(await run(tenant)).toBe(1);
    expect(other.delivered).toEqual([]);
    store.clock.advance(1);
    await untilQuiet(run);
    expect(other.delivered).toHaveLength(8);
    expect(store.rows(tenant).filter(({ pk }) => pk.endsWith("#O#circuit"))).toEqual([]);
  });

  test("failures of all of them count together", async () => {
    await ask(["mail"]);
    for (let n = 1; n <= 3; n++) {
      const { deps } = mail({ mail: down });
      const wait = await createDispatcher(deps).run(tenant);
      store.clock.advance(n === 3 ? 0 : (wait ?? 0));
    }
    await ask(["mail"]);
    const { deps, failures } = mail({ mail: down });
    await createDispatcher(deps).run(tenant);
    expect(failures).toEqual([]);
  });

  test("an entry that a view still shows is not delivered again once it is settled", async () => {
    const [id = ""] = await ask(["mail"]);
    const behind = await log.list(tenant, "outbox", { limit: 10, view: { name: "outbox-pending" } });
    const first = mail({ mail: fine });
    await createDispatcher(first.deps).run(tenant);
    const stale: EventLog = { ...log, list: () => Promise.resolve(behind as never) };
    const second = mail({ mail: fine }, { log: stale });
    expect(await createDispatcher(second.deps).run(tenant)).toBeUndefined();
    expect([first.delivered.length, second.delivered.length]).toEqual([1, 0]);
    expect(await entryOf(id)).toMatchObject({ status: "delivered" });
  });
});

describe("a crash", () => {
  const breaking = (fails: () => boolean): EventLog => ({
    ...log,
    commit: (append) => (fails() ? Promise.reject(new Error("the store is gone")) : log.commit(append)),
  });

  test("between delivery and settlement: it is delivered again with the same id", async () => {
    const [id = ""] = await ask(["mail"]);
    let broken = true;
    const { deps, delivered } = mail({ mail: fine }, { log: breaking(() => broken) });
    await createDispatcher(deps)
      .run(tenant)
      .catch(() => undefined);
    expect(await entryOf(id)).toMatchObject({ status: "pending" });
    broken = false;
    store.clock.advance(600_000);
    await untilQuiet(createDispatcher(deps).run);
    expect(delivered.map((delivery) => delivery.id)).toEqual([id, id]);
    expect(await entryOf(id)).toMatchObject({ status: "delivered" });
  });

  test("a settlement that fails is not the destination's fault: nothing dies of it and no circuit opens", async () => {
    const asked = await ask(Array.from({ length: 5 }, () => "mail"));
    let broken = true;
    const unsettled: EventLog = {
      ...log,
      commit: (append) =>
        broken && append.event.type === "outbox.delivered"
          ? Promise.reject(new Error("the store is gone"))
          : log.commit(append),
    };
    const { deps, failures } = mail({ mail: fine }, { log: unsettled });
    const { run } = createDispatcher(deps);
    for (let n = 0; n < 15; n++) {
      await expect(run(tenant)).rejects.toThrow("the store is gone");
      store.clock.advance(400_000);
    }
    broken = false;
    expect(await run(tenant)).toBeUndefined();
    for (const id of asked) expect(await entryOf(id)).toMatchObject({ status: "delivered" });
    expect(failures).toEqual([]);
  });

  test("a pass that the store breaks is over when it ends: the next never overlaps it", async () => {
    await ask(["nowhere", "mail", "mail"]);
    let broken = true;
    let inFlight = 0;
    let most = 0;
    const slow: Behaviour = async () => {
      most = Math.max(most, ++inFlight);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    };
    const { deps } = mail({ mail: slow }, { log: breaking(() => broken) });
    const { run } = createDispatcher(deps);
    await expect(run(tenant)).rejects.toThrow("the store is gone");
    expect(inFlight).toBe(0);
    broken = false;
    await run(tenant);
    expect(most).toBe(1);
  });

  test("two dispatchers at once: everything arrives, and each entry is settled once", async () => {
    const asked = await ask(Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? "mail" : "chat")));
    const both = [mail({ mail: fine, chat: fine }), mail({ mail: fine, chat: fine })];
    await Promise.all(both.map(({ deps }) => createDispatcher(deps).run(tenant)));
    const arrived = both.flatMap(({ delivered }) => delivered.map(({ id }) => id));
    expect(new Set(arrived)).toEqual(new Set(asked));
    const events = await expectSoundChain(log, tenant);
    expect(events.filter(({ type }) => type === "outbox.delivered")).toHaveLength(asked.length);
  });
});

describe("wakes", () => {
  test("doubled ones do not deliver twice, and one during a pass is answered by one more pass", async () => {
    const [first] = await ask(["mail"]);
    let late: Promise<string[]> | undefined;
    const { deps, delivered } = mail({
      mail: async ({ id }) => {
        // Asked for while the pass is on its way: the wakes that follow must see it.
        if (id === first) await (late = ask(["mail"]));
      },
    });
    const { run } = createDispatcher(deps);
    const running = run(tenant);
    await vi.waitUntil(() => late !== undefined);
    await Promise.all([running, run(tenant), run(tenant), run(tenant)]);
    expect(delivered.map(({ id }) => id)).toEqual([first, ...((await late) ?? [])]);
  });

  test("a lost one only delays: the next run of anything finds what waits", async () => {
    const asked = [...(await ask(["mail"])), ...(await ask(["mail"]))];
    const { deps, delivered } = mail({ mail: fine });
    await createDispatcher(deps).run(tenant);
    expect(delivered.map(({ id }) => id)).toEqual(asked);
  });

  test("a pass that fails does not stop the next", async () => {
    const [id = ""] = await ask(["mail"]);
    let broken = true;
    const tables: TableStore = {
      ...store.tables,
      tenant: (name) => ({
        ...store.tables.tenant(name),
        get: (key, options) =>
          broken ? Promise.reject(new Error("the store is gone")) : store.tables.tenant(name).get(key, options),
      }),
    };
    const { run } = createDispatcher(mail({ mail: fine }, { tables }).deps);
    await expect(run(tenant)).rejects.toThrow("the store is gone");
    broken = false;
    await run(tenant);
    expect(await entryOf(id)).toMatchObject({ status: "delivered" });
  });
});

describe("bookkeeping", () => {
  test("is forgotten when an entry is settled", async () => {
    await ask(["mail", "bad"]);
    let tries = 0;
    const { deps } = mail({
      mail: (delivery) => (++tries < 3 ? down(delivery) : undefined),
      bad: (delivery) => (tries < 2 ? down(delivery) : Promise.reject(new Failure("unprocessable", "no"))),
    });
    const { run } = createDispatcher(deps);
    await run(tenant);
    expect(attemptRows()).toHaveLength(2);
    store.clock.advance(2000);
    await untilQuiet(run);
    expect(attemptRows()).toEqual([]);
  });

  test.each([
    { end: "as it should be", forgets: true },
    { end: "by a process that died before it forgot the attempts", forgets: false },
  ])("an entry that was given up $end starts over with all its attempts when it is redriven", async ({ forgets }) => {
    const [id = ""] = await ask(["mail"]);
    const tables: TableStore = {
      ...store.tables,
      tenant: (name) => ({
        ...store.tables.tenant(name),
        transact: (writes) =>
          !forgets && writes.some((write) => "delete" in write)
            ? Promise.reject(new Error("the process is gone"))
            : store.tables.tenant(name).transact(writes),
      }),
    };
    const { deps, failures } = mail({ mail: down }, { tables });
    const { run } = createDispatcher(deps);
    await untilQuiet((of) => run(of).catch(() => undefined));
    expect(failures).toHaveLength(maxAttempts);
    const dead = await log.load(tenant, "outbox", id);
    await log.commit({
      tenant,
      actor: { subject: "tester", roles: [] },
      at: store.clock.now(),
      stream: dead,
      event: { type: "outbox.redriven", data: { destination: "mail" } },
    });
    store.clock.advance(60_000);
    await untilQuiet((of) => run(of).catch(() => undefined));
    expect(failures).toHaveLength(2 * maxAttempts);
    expect(await entryOf(id)).toMatchObject({ status: "dead", attempts: maxAttempts });
  });
});
