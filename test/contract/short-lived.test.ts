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

  test("what is there can be replaced, and lives longer; what is gone cannot", async () => {
    const shortLived = of();
    expect(await shortLived.replace("acme", own("r"), "none", 1_000)).toBe(false);
    await shortLived.put("acme", own("r"), "first", 1_000);
    clock.advance(900);
    expect(await shortLived.replace("other", own("r"), "theirs", 1_000)).toBe(false);
    expect(await shortLived.replace("acme", own("r"), "second", 1_000)).toBe(true);
    clock.advance(900);
    expect(await shortLived.get("acme", own("r"))).toBe("second");
    clock.advance(101);
    expect(await shortLived.replace("acme", own("r"), "third", 1_000)).toBe(false);
    expect(await shortLived.get("acme", own("r"))).toBeUndefined();
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
