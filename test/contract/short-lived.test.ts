/** What protocols remember between two messages, on both tables: gone in time, given to one, never to another tenant. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createShortLived } from "#events/short-lived";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import type { TableStore } from "#shared/ports/table";
import { type Dynamo, startDynamo } from "./dynamo.ts";
import { manualClock, temporaryDir } from "./fixtures.ts";

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(async () => {
  await dynamo?.stop();
});

const dir = temporaryDir();
afterAll(() => dir.remove());

const stores = {
  SQLite: (clock) => sqliteTableStore(openSqlite(join(dir.path, "short-lived.db")), clock),
  DynamoDB: (clock) => dynamoTableStore({ clientOf: () => dynamo.client, tableName: dynamo.tables.core, clock }),
} satisfies Record<string, (clock: ReturnType<typeof manualClock>) => TableStore>;

describe.each(Object.entries(stores))("%s", (name, open) => {
  const clock = manualClock();
  const of = () => createShortLived(open(clock), clock);
  const own = (what: string): string => `${name.toLowerCase()}/${what}`;

  test("what is there can be replaced, and lives longer; what is gone or another cannot", async () => {
    const shortLived = of();
    const replace = (from: string, to: string, tenant = "acme") =>
      shortLived.replace(tenant, own("r"), { from, to }, 1_000);
    expect(await replace("none", "one")).toBe(false);
    await shortLived.put("acme", own("r"), "first", 1_000);
    clock.advance(900);
    expect(await replace("first", "theirs", "other")).toBe(false);
    expect(await replace("another", "theirs")).toBe(false);
    expect(await replace("first", "second")).toBe(true);
    expect(await replace("first", "lost")).toBe(false);
    clock.advance(900);
    expect(await shortLived.get("acme", own("r"))).toBe("second");
    clock.advance(101);
    expect(await replace("second", "third")).toBe(false);
    expect(await shortLived.get("acme", own("r"))).toBeUndefined();
  });

  test("of many who replace it one does, and who takes it meanwhile gets it: nothing is left", async () => {
    const shortLived = of();
    for (let round = 0; round < 10; round++) {
      const name = own(`race/${round}`);
      await shortLived.put("acme", name, "0", 60_000);
      const replaced = Array.from({ length: 4 }, (_, n) =>
        shortLived.replace("acme", name, { from: "0", to: `${n + 1}` }, 60_000),
      );
      const [taken, ...won] = await Promise.all([shortLived.take("acme", name), ...replaced]);
      expect(taken).toBeDefined();
      expect(won.filter(Boolean).length).toBeLessThanOrEqual(1);
      expect(await shortLived.get("acme", name)).toBeUndefined();
    }
  });

  test("a list shows what is in it, the last key first, in pages, without what is over or another tenant's", async () => {
    const shortLived = of();
    const put = (tenant: string, key: string, ttlMs = 60_000) =>
      shortLived.put(tenant, { list: "session", key }, `${tenant} ${key}`, ttlMs);
    const all = async (tenant: string, limit: number): Promise<readonly string[]> => {
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await shortLived.list(tenant, "session", { after, limit });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        for (const { key, body } of page.items) {
          expect(body).toBe(`${tenant} ${key}`);
          found.push(key);
        }
        after = page.cursor;
      } while (after !== undefined);
      return found;
    };
    expect(await all("list-a", 2)).toEqual([]);
    for (const key of ["b", "e", "a", "d", "c"]) expect(await put("list-a", key)).toBe(true);
    await put("list-a", "bb", 1_000);
    await put("list-b", "x");
    await shortLived.put("list-a", "session", "stands alone", 60_000);
    clock.advance(1_001);
    expect(await put("list-a", "c")).toBe(false);
    expect(await shortLived.get("list-a", { list: "session", key: "c" })).toBe("list-a c");
    expect(await all("list-a", 2)).toEqual(["e", "d", "c", "b", "a"]);
    expect(await shortLived.take("list-a", { list: "session", key: "d" })).toBe("list-a d");
    expect(await all("list-a", 5)).toEqual(["e", "c", "b", "a"]);
    expect(await all("list-b", 5)).toEqual(["x"]);
  });

  test("a name is given once, until it is taken or over", async () => {
    const shortLived = of();
    expect(await shortLived.put("acme", own("a"), "first", 1_000)).toBe(true);
    expect(await shortLived.put("acme", own("a"), "second", 1_000)).toBe(false);
    expect(await shortLived.get("acme", own("a"))).toBe("first");
    clock.advance(1_001);
    expect(await shortLived.get("acme", own("a"))).toBeUndefined();
    expect(await shortLived.take("acme", own("a"))).toBeUndefined();
    expect(await shortLived.put("acme", own("a"), "third", 1_000)).toBe(true);
    expect(await shortLived.take("acme", own("a"))).toBe("third");
    expect(await shortLived.put("acme", own("a"), "fourth", 1_000)).toBe(true);
  });

  test("of many who take it one gets it, and of many who put it one does", async () => {
    const shortLived = of();
    const put = await Promise.all(
      Array.from({ length: 8 }, (_, n) => shortLived.put("acme", own("b"), `${n}`, 60_000)),
    );
    expect(put.filter(Boolean)).toHaveLength(1);
    const taken = await Promise.all(Array.from({ length: 8 }, () => shortLived.take("acme", own("b"))));
    expect(taken.filter((body) => body !== undefined)).toEqual([String(put.indexOf(true))]);
  });

  test("one tenant's name is not another's", async () => {
    const shortLived = of();
    await shortLived.put("acme", own("c"), "ours", 60_000);
    expect(await shortLived.take("acme-2", own("c"))).toBeUndefined();
    expect(await shortLived.put("acme-2", own("c"), "theirs", 60_000)).toBe(true);
    expect(await shortLived.get("acme", own("c"))).toBe("ours");
  });
});
