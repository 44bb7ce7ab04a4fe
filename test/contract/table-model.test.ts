/** Random histories on both adapters against a model of thirty lines: every outcome, item and page must be the model's. */
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore, sweepExpired } from "#shared/adapters/local/table";
import type { Condition, Item, ItemKey, Key, Outcome, Page, Query, TableStore, Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { manualClock, randomId, temporaryDir } from "./fixtures.ts";

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

class Model {
  readonly #items = new Map<string, Item>();

  get({ pk, sk }: Key, now: number): Item | undefined {
    const found = this.#items.get(JSON.stringify([pk, sk]));
    return found?.expiresAt !== undefined && found.expiresAt <= now ? undefined : found;
  }

  transact(writes: readonly Write[], now: number): Outcome {
    const key = (write: Write): Key => ("put" in write ? write.put : "delete" in write ? write.delete : write.check);
    const failed = writes.flatMap((write, n) => {
      const rev = this.get(key(write), now)?.rev;
      return write.if === undefined || rev === (write.if === "absent" ? undefined : write.if.rev) ? [] : [n];
    });
    if (failed.length > 0) return { ok: false, failed, contended: false };
    for (const write of writes) {
      const id = JSON.stringify([key(write).pk, key(write).sk]);
      if ("put" in write) this.#items.set(id, write.put);
      else if ("delete" in write) this.#items.delete(id);
    }
    return { ok: true };
  }

  query(query: Query, now: number): Page {
    const place = (one: Item): Key | undefined => (query.view === true ? one.view : one);
    const sort = (one: Item): string => place(one)?.sk ?? "";
    const sign = query.descending === true ? -1 : 1;
    const all = [...this.#items.values()]
      .filter((one) => this.get(one, now) !== undefined && place(one)?.pk === query.pk)
      .filter((one) => query.from === undefined || byBytes(sort(one), query.from) >= 0)
      .filter((one) => query.to === undefined || byBytes(sort(one), query.to) <= 0)
      .filter((one) => query.after === undefined || sign * byBytes(sort(one), query.after) > 0)
      .toSorted((a, b) => sign * byBytes(sort(a), sort(b)));
    const items = all.slice(0, query.limit);
    const last = items.at(-1);
    return all.length > query.limit && last !== undefined ? { items, cursor: sort(last) } : { items };
  }
}

const partitions = ["x", "y"] as const;
const sorts = ["a", "b", "b\0", "é", "\uff5e", "\u{1f642}"] as const;
const revision = fc.oneof(fc.constant("current" as const), fc.integer({ min: 1, max: 3 }));
const condition = fc.option(fc.oneof(fc.constant("absent" as const), revision), { nil: undefined });
const slot = fc.record({ partition: fc.constantFrom(...partitions), sk: fc.constantFrom(...sorts) });
const write = fc.record({
  slot,
  kind: fc.constantFrom("put", "put", "put", "delete", "check"),
  condition,
  rev: fc.integer({ min: 1, max: 3 }),
  body: fc.string({ unit: "grapheme", maxLength: 8 }),
  view: fc.option(fc.record({ of: fc.constantFrom("v", "w"), order: fc.constantFrom("1", "2", "3") }), {
    nil: undefined,
  }),
  lifetime: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
});
const bound = fc.option(fc.oneof(fc.constantFrom(...sorts), fc.constantFrom("", "1", "2#", "3#yz")), {
  nil: undefined,
});
const query = fc.record({
  partition: fc.constantFrom(...partitions, "v", "w"),
  from: bound,
  to: bound,
  after: fc.option(fc.oneof(fc.constantFrom(...sorts), fc.constantFrom("1#xa", "2")), { nil: undefined }),
  descending: fc.boolean(),
  limit: fc.integer({ min: 1, max: 5 }),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("transact" as const),
      writes: fc.array(write, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("query" as const), query }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("get" as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type RandomWrite = typeof write extends fc.Arbitrary<infer T> ? T : never;

const clock = manualClock();

/** Runs one history; `afterWait` is whatever may happen behind the scenes while time passes. */
async function follow(store: TableStore, steps: readonly Step[], afterWait: () => void): Promise<void> {
  const tenant = randomId();
  const table = store.tenant(tenant);
  const model = new Model();
  const keyOf = (at: { partition: string; sk: string }): ItemKey => ({
    pk: anyPartition(`T#${tenant}#${at.partition}`),
    sk: at.sk,
  });

  const writeOf = (random: RandomWrite): Write => {
    const key = keyOf(random.slot);
    const rev = random.condition === "current" ? (model.get(key, clock.now())?.rev ?? 1) : random.condition;
    const held: Condition | undefined = typeof rev === "number" ? { rev } : rev;
    if (random.kind === "check") return { check: key, if: held ?? "absent" };
    if (random.kind === "delete") return { delete: key, ...(held !== undefined && { if: held }) };
    const put: Item = {
      ...key,
      rev: typeof rev === "number" ? rev + 1 : random.rev,
      body: random.body,
      ...(random.view && {
        view: {
          pk: anyPartition(`T#${tenant}#${random.view.of}`),
          sk: `${random.view.order}#${random.slot.partition}${random.slot.sk}`,
        },
      }),
      ...(random.lifetime !== undefined && { expiresAt: clock.now() + random.lifetime }),
    };
    return { put, ...(held !== undefined && { if: held }) };
  };

  for (const one of steps) {
    if (one.do === "wait") {
      clock.advance(one.ms);
      afterWait();
    } else if (one.do === "get") {
      expect(await table.get(keyOf(one.slot), { consistent: true })).toEqual(model.get(keyOf(one.slot), clock.now()));
    } else if (one.do === "transact") {
      const writes = new Map(one.writes.map((random) => [JSON.stringify(random.slot), random]));
      const now = [...writes.values()].map(writeOf);
      expect(await table.transact(now)).toEqual(model.transact(now, clock.now()));
    } else {
      const { partition, from, to, after, ...rest } = one.query;
      const view = partition === "v" || partition === "w";
      const asked: Query = {
        pk: `T#${tenant}#${partition}`,
        ...rest,
        ...(view ? { view } : { consistent: true }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(after !== undefined && { after }),
      };
      await vi.waitFor(async () => {
        expect(await table.query(asked)).toEqual(model.query(asked, clock.now()));
      });
    }
  }
}

describe("Table against its model", () => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(async () => {
    await dynamo?.stop();
  });

  test.each([0, 3, 1000])("SQLite, %d rows cached", async (cachedRows) => {
    const dir = temporaryDir();
    const sqlite = openSqlite(join(dir.path, "trstctl.db"));
    const store = sqliteTableStore(sqlite, clock, { cachedRows });
    const history = fc.array(step, { minLength: 1, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        await follow(store, steps, () => sweepExpired(sqlite, clock, 3));
      }),
      { numRuns: 300 },
    );
    await store.close();
    sqlite.close();
    dir.remove();
  });

  test("DynamoDB", async () => {
    const store = dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock });
    const history = fc.array(step, { minLength: 1, maxLength: 20, size: "max" });
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        await follow(store, steps, () => undefined);
      }),
      { numRuns: 30 },
    );
  });
});
