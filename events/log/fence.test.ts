/** Who may write a tenant's log: epochs and Regions (DESIGN §6). The failover itself: failover.test.ts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createEventLog, type EventLogDeps } from "#events/log/log";
import type { EventLog } from "#shared/ports/event-log";
import { type LocalStore, localStore, recordedWakes } from "#test/log/local-log";
import { headKey, lanesKey } from "./keys.ts";

let store: LocalStore;
let tenant: string;
let tenants = 0;
beforeAll(() => {
  store = localStore();
});
afterAll(() => store.close());
beforeEach(() => {
  tenant = `t${++tenants}`;
});

const open = (options: Partial<EventLogDeps> = {}): EventLog =>
  createEventLog({ tables: store.tables, wakes: recordedWakes(), lanes: 1, ...options });

const commit = (log: EventLog, id: string) =>
  log.commit({
    tenant,
    actor: { subject: "tester", roles: [] },
    at: store.clock.now(),
    stream: { kind: "member", id, rev: 0, state: undefined, origin: undefined },
    event: { type: "member.upserted", data: { display_name: null, email: null, roles: [] } },
  });

/** As a failover does it, without the rest of it. */
async function setReign(reign: object): Promise<void> {
  const table = store.tables.tenant(tenant);
  for (const key of [headKey(tenant, 0), lanesKey(tenant)]) {
    const item = await table.get(key, { consistent: true });
    if (item === undefined) throw new Error("nothing was written yet");
    const body = JSON.stringify({ ...(JSON.parse(item.body) as object), ...reign });
    await table.transact([{ put: { ...item, rev: item.rev + 1, body }, if: { rev: item.rev } }]);
  }
}

test("on one machine nothing says a Region, and the rows are what they always were", async () => {
  expect(await commit(open(), "a")).toMatchObject({ ok: true });
  const bodies = store.rows(tenant).filter(({ pk }) => pk.includes("#L"));
  expect(bodies.find(({ sk }) => sk === "LANES")?.body).toBe('{"lanes":1}');
  expect(bodies.find(({ sk }) => sk === "HEAD")?.body).toMatch(
    /^\{"seq":1,"hash":"[0-9a-f]{64}","epoch":1,"lanes":1\}$/,
  );
});

test("a tenant is written in the Region that wrote it first, and nowhere else", async () => {
  expect(await commit(open({ region: "eu-west-1" }), "a")).toMatchObject({ ok: true });
  const detail = /is written in Region eu-west-1 \(epoch 1\) and this process is in/;
  await expect(commit(open({ region: "eu-central-1" }), "b")).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(detail),
  });
  await expect(commit(open(), "b")).rejects.toThrow(detail);
  expect(await commit(open({ region: "eu-west-1" }), "b")).toMatchObject({ ok: true });
});

test("a lane that was never written is as closed to another Region as the others", async () => {
  const two = { lanes: 16, region: "eu-west-1" };
  for (const id of ["a", "b"]) expect(await commit(open(two), id)).toMatchObject({ ok: true });
  for (const id of ["c", "d", "e", "f"])
    await expect(commit(open({ ...two, region: "eu-central-1" }), id)).rejects.toThrow(/written in Region eu-west-1/);
});

test("whoever wrote in an older epoch is fenced at its next commit, with all that waits, and goes on after it", async () => {
  const ways = [{ several: true } as const, {}]; // reads the head each time, or remembers it
  for (const [n, options] of ways.entries()) {
    const log = open(options);
    const name = `way${n}`;
    const epoch = n + 2;
    expect(await commit(log, `${name}-a`)).toMatchObject({ ok: true });
    await setReign({ epoch });
    const late = await Promise.allSettled([commit(log, `${name}-b`), commit(log, `${name}-c`)]);
    for (const one of late)
      expect(one).toMatchObject({
        status: "rejected",
        reason: {
          code: "unavailable",
          retryAfter: 1,
          message: `nothing was written: the log of tenant ${tenant} has gone over to epoch ${epoch}, and this request was begun in ${epoch - 1}: try again`,
        },
      });
    expect(await commit(log, `${name}-b`)).toMatchObject({ ok: true });
  }
});

test("while a failover is at work only it writes", async () => {
  await commit(open(), "a");
  await setReign({ epoch: 2, recovering: true });
  await expect(commit(open(), "b")).rejects.toThrow(/is being failed over \(epoch 2\): try again/);
  expect(await commit(open({ recovery: 2 }), "b")).toMatchObject({ ok: true });
  await expect(commit(open({ recovery: 1 }), "c")).rejects.toThrow(/was failed over once more \(epoch 2\)/);
  expect(JSON.parse(store.rows(tenant).find(({ sk }) => sk === "HEAD")?.body ?? "")).toMatchObject({
    epoch: 2,
    recovering: true,
  });
});

test("a table that was set back behind a process is no table to go on with", async () => {
  const log = open();
  await commit(log, "a");
  await setReign({ epoch: 2 });
  await commit(log, "b").catch(() => undefined);
  await setReign({ epoch: 1 });
  await expect(commit(log, "b")).rejects.toThrow(/is back in epoch 1 and was in 2/);
});
