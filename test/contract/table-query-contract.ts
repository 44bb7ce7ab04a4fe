import { describe, expect, test, vi } from "vitest";
import type { Item, Page, Query, Table, Write } from "#shared/ports/table";
import { type Context, item } from "./table-context.ts";

const sortKeys = (page: Page): string[] => page.items.map((one) => one.sk);

/** All pages of a query, each no longer than its limit; `between` runs after each page. */
async function pages(table: Table, query: Query, between?: (page: number) => Promise<void>): Promise<Item[]> {
  const items: Item[] = [];
  let after = query.after;
  for (let n = 0; ; n++) {
    const page = await table.query(after === undefined ? query : { ...query, after });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    items.push(...page.items);
    if (page.cursor === undefined) return items;
    expect(page.items).toHaveLength(query.limit);
    after = page.cursor;
    await between?.(n);
  }
}

export function queryContract({ fresh }: Context): void {
  describe("query", () => {
    test("reads one partition within inclusive bounds, both ways", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      const keys = ["a", "b", "c", "d", "e"];
      await table.transact([...keys.map((sk): Write => ({ put: item(p, sk) })), { put: item(pk("thing-2"), "c") }]);
      const read = async (more: Partial<Query>): Promise<string> =>
        sortKeys(await table.query({ pk: p, limit: 10, consistent: true, ...more })).join("");
      expect(await read({})).toBe("abcde");
      expect(await read({ descending: true })).toBe("edcba");
      expect(await read({ from: "b" })).toBe("bcde");
      expect(await read({ to: "c" })).toBe("abc");
      expect(await read({ from: "b", to: "d" })).toBe("bcd");
      expect(await read({ from: "b", to: "d", descending: true })).toBe("dcb");
      expect(await read({ from: "c", to: "c" })).toBe("c");
      expect(await read({ from: "bb", to: "bc" })).toBe("");
      expect(await read({ from: "d", to: "b" })).toBe("");
      expect(await read({ from: "", after: "" })).toBe("abcde");
      expect(await read({ to: "" })).toBe("");
    });

    test("starts behind the cursor, whatever the bounds", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      await table.transact(["a", "b", "c", "d", "e"].map((sk): Write => ({ put: item(p, sk) })));
      const read = async (more: Partial<Query>): Promise<string> =>
        sortKeys(await table.query({ pk: p, limit: 10, consistent: true, ...more })).join("");
      expect(await read({ after: "b" })).toBe("cde");
      expect(await read({ after: "b", to: "d" })).toBe("cd");
      expect(await read({ after: "bb", from: "a", to: "d" })).toBe("cd");
      expect(await read({ after: "a", from: "c" })).toBe("cde");
      expect(await read({ after: "d", to: "d" })).toBe("");
      expect(await read({ after: "e", to: "d" })).toBe("");
      expect(await read({ after: "c", descending: true })).toBe("ba");
      expect(await read({ after: "c", from: "b", descending: true })).toBe("b");
      expect(await read({ after: "e", to: "d", descending: true })).toBe("dcba");
      expect(await read({ after: "b", from: "b", descending: true })).toBe("");
    });

    test("gives a cursor exactly when something follows", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      await table.transact(["a", "b", "c", "d"].map((sk): Write => ({ put: item(p, sk) })));
      const cursor = async (more: Partial<Query>): Promise<string | undefined> =>
        (await table.query({ pk: p, limit: 2, consistent: true, ...more })).cursor;
      expect(await cursor({})).toBe("b");
      expect(await cursor({ after: "b" })).toBeUndefined();
      expect(await cursor({ to: "b" })).toBeUndefined();
      expect(await cursor({ after: "a", to: "d" })).toBe("c");
      expect(await cursor({ limit: 4 })).toBeUndefined();
      expect(await cursor({ descending: true })).toBe("c");
      expect(await cursor({ pk: pk("nothing") })).toBeUndefined();
    });

    test("orders by UTF-8 bytes, in results and in bounds", async () => {
      const { table, pk } = fresh();
      const p = pk("text");
      const keys = [
        "a",
        "A",
        "Z",
        "é",
        "e\u0301",
        "\uff5e",
        "\u{1f642}",
        "\u{10ffff}",
        "a\0b",
        "ab",
        "a#b",
        "~",
        "\ue000",
        "00",
        "0",
      ];
      const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(keys.toSorted()).not.toEqual(byBytes);
      await table.transact(keys.map((sk): Write => ({ put: item(p, sk, { view: { pk: pk("view"), sk } }) })));
      expect(sortKeys(await table.query({ pk: p, limit: 50, consistent: true }))).toEqual(byBytes);
      expect(
        (await pages(table, { pk: p, limit: 2, consistent: true, descending: true })).map((one) => one.sk),
      ).toEqual(byBytes.toReversed());
      const between = await table.query({ pk: p, from: "\uff5e", to: "\u{1f642}", limit: 50, consistent: true });
      expect(sortKeys(between)).toEqual(["\uff5e", "\u{1f642}"]);
      await vi.waitFor(async () => {
        expect(sortKeys(await table.query({ pk: pk("view"), view: true, limit: 50 }))).toEqual(byBytes);
      });
    });

    test("a view holds the items that name it, in its own order, and lets go of those that no longer do", async () => {
      const { table, pk } = fresh();
      const p = pk("certificate");
      const view = pk("expiry");
      const put = (id: string, day: string | undefined, rev = 1): Write => ({
        put: item(p, id, { rev, body: id, ...(day !== undefined && { view: { pk: view, sk: `${day}#${id}` } }) }),
      });
      await table.transact([put("a", "09"), put("b", "03"), put("c", undefined), put("d", "05"), put("e", "05")]);
      const read = async (more: Partial<Query> = {}): Promise<string> =>
        sortKeys(await table.query({ pk: view, view: true, limit: 10, ...more })).join("");
      await vi.waitFor(async () => {
        expect(await read()).toBe("bdea");
      });
      expect(await read({ from: "04", to: "06" })).toBe("de");
      expect(await read({ descending: true, to: "05~" })).toBe("edb");
      const first = await table.query({ pk: view, view: true, limit: 2 });
      expect(first.cursor).toBe("05#d");
      expect(first.items[1]).toEqual(item(p, "d", { body: "d", view: { pk: view, sk: "05#d" } }));
      expect(await read({ after: "05#d" })).toBe("ea");
      await table.transact([
        put("a", undefined, 2),
        put("b", "07", 2),
        put("c", "01", 2),
        { delete: { pk: p, sk: "d" } },
      ]);
      await vi.waitFor(async () => {
        expect(await read()).toBe("ceb");
      });
      // The view's partition is no partition of the table, and the other way round.
      expect(sortKeys(await table.query({ pk: view, limit: 10, consistent: true }))).toEqual([]);
      expect(sortKeys(await table.query({ pk: p, view: true, limit: 10 }))).toEqual([]);
    });

    for (const [direction, descending] of [
      ["ascending", false],
      ["descending", true],
    ] as const) {
      for (const [place, view] of [
        ["the table", false],
        ["a view", true],
      ] as const) {
        test(`pages of ${place}, ${direction}: no stable item comes twice or never while others come and go`, async () => {
          const { table, pk } = fresh();
          const p = pk("thing");
          const put = (sk: string): Write => ({ put: item(p, sk, { view: { pk: pk("by-key"), sk: `v${sk}` } }) });
          const stable = Array.from({ length: 24 }, (_, n) => `k${String(n * 2).padStart(2, "0")}`);
          const doomed = stable.map((sk) => `${sk}-doomed`);
          await table.transact([...stable, ...doomed].map(put));
          const where = view ? { pk: pk("by-key"), view } : { pk: p, consistent: true };
          await vi.waitFor(async () => {
            expect((await table.query({ ...where, limit: 100 })).items).toHaveLength(48);
          });
          const found = await pages(table, { ...where, descending, limit: 5 }, async (n) => {
            const deletes = doomed.slice(n * 4, n * 4 + 4).map((sk): Write => ({ delete: { pk: p, sk } }));
            await table.transact([
              ...deletes,
              put(`k${String(n * 6).padStart(2, "0")}-added`),
              put(`a${n}`),
              put(`z${n}`),
            ]);
          });
          const keys = found.map((one) => one.sk);
          expect(new Set(keys).size).toBe(keys.length);
          expect(keys.filter((sk) => stable.includes(sk))).toEqual(descending ? stable.toReversed() : stable);
        });
      }
    }

    test("fills a page across DynamoDB's 1 MB", async () => {
      const { table, pk } = fresh();
      const p = pk("large");
      const body = "x".repeat(300_000);
      await table.transact(Array.from({ length: 10 }, (_, n): Write => ({ put: item(p, `k${n}`, { body }) })));
      const page = await table.query({ pk: p, limit: 9, consistent: true });
      expect(sortKeys(page)).toHaveLength(9);
      expect(page.cursor).toBe("k8");
      expect(page.items.every((one) => one.body === body)).toBe(true);
    });

    test("refuses limits out of range and a consistent view", async () => {
      const { table, pk } = fresh();
      for (const limit of [0, -1, 1001, 1.5, Number.NaN]) {
        await expect(table.query({ pk: pk("thing"), limit })).rejects.toThrow(TypeError);
      }
      await expect(table.query({ pk: pk("v"), view: true, consistent: true, limit: 1 })).rejects.toThrow(TypeError);
    });
  });
}
