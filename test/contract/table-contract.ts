/** What every Table does, in three parts: transactions here, queries and tenants beside it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Item, maxBodyBytes, type TableStore, type Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";
import { type ManualClock, manualClock, randomId } from "./fixtures.ts";
import { type Context, item } from "./table-context.ts";
import { queryContract } from "./table-query-contract.ts";
import { tenantContract } from "./table-tenant-contract.ts";

/** An empty store of its own and how to get rid of it. */
export type MakeStore = (clock: ManualClock) => Promise<{ readonly store: TableStore; remove(): Promise<void> }>;

export function tableContract(name: string, makeStore: MakeStore): void {
  describe(`Table on ${name}`, () => {
    const clock = manualClock();
    let made: Awaited<ReturnType<MakeStore>> | undefined;
    const store = (): TableStore => {
      if (made === undefined) throw new Error("the store did not start");
      return made.store;
    };
    beforeAll(async () => {
      made = await makeStore(clock);
    });
    afterAll(async () => {
      await made?.store.close();
      await made?.remove();
    });
    const context: Context = {
      clock,
      store,
      fresh() {
        const tenant = randomId();
        return { tenant, table: store().tenant(tenant), pk: (kind) => anyPartition(`T#${tenant}#${kind}`) };
      },
    };
    transactContract(context);
    expiryContract(context);
    queryContract(context);
    tenantContract(context);
  });
}

const ok = { ok: true };
const failedAt = (...failed: number[]) => ({ ok: false, failed, contended: false });
const strong = { consistent: true };

function transactContract({ fresh }: Context): void {
  describe("transact", () => {
    test("puts, replaces and deletes, with and without a condition", async () => {
      const { table, pk } = fresh();
      const key = { pk: pk("thing"), sk: "a" };
      const first = item(key.pk, key.sk, { body: '{"n":1}', view: { pk: pk("by-n"), sk: "1#a" } });
      expect(await table.transact([{ put: first, if: "absent" }])).toEqual(ok);
      expect(await table.get(key, strong)).toEqual(first);
      const second = item(key.pk, key.sk, { rev: 2, body: '{"n":2}' });
      expect(await table.transact([{ put: second, if: { rev: 1 } }])).toEqual(ok);
      expect(await table.get(key, strong)).toEqual(second);
      const third = item(key.pk, key.sk, { rev: 9 });
      expect(await table.transact([{ put: third }])).toEqual(ok);
      expect(await table.get(key, strong)).toEqual(third);
      expect(await table.transact([{ delete: key, if: { rev: 9 } }])).toEqual(ok);
      expect(await table.get(key, strong)).toBeUndefined();
      expect(await table.transact([{ delete: key }])).toEqual(ok);
      expect(
        await table.transact([
          { delete: key, if: "absent" },
          { check: { pk: key.pk, sk: "b" }, if: "absent" },
        ]),
      ).toEqual(ok);
    });

    test("names every write whose condition does not hold, and writes nothing", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      await table.transact([{ put: item(p, "one") }, { put: item(p, "two") }, { put: item(p, "three", { rev: 3 }) }]);
      const outcome = await table.transact([
        { put: item(p, "new-1"), if: "absent" },
        { put: item(p, "one"), if: "absent" },
        { put: item(p, "two", { rev: 3 }), if: { rev: 2 } },
        { delete: { pk: p, sk: "three" }, if: { rev: 3 } },
        { check: { pk: p, sk: "missing" }, if: { rev: 1 } },
        { put: item(p, "new-2") },
        { check: { pk: p, sk: "missing-2" }, if: "absent" },
      ]);
      expect(outcome).toEqual(failedAt(1, 2, 4));
      const left = await table.query({ pk: p, limit: 100, ...strong });
      expect(left.items.map((one) => [one.sk, one.rev])).toEqual([
        ["one", 1],
        ["three", 3],
        ["two", 1],
      ]);
    });

    test("a check alone neither makes nor changes an item", async () => {
      const { table, pk } = fresh();
      const key = { pk: pk("thing"), sk: "a" };
      expect(await table.transact([{ check: key, if: "absent" }])).toEqual(ok);
      expect(await table.get(key, strong)).toBeUndefined();
      await table.transact([{ put: item(key.pk, key.sk) }]);
      expect(await table.transact([{ check: key, if: { rev: 1 } }])).toEqual(ok);
      expect(await table.transact([{ check: key, if: { rev: 2 } }])).toEqual(failedAt(0));
      expect(await table.get(key, strong)).toEqual(item(key.pk, key.sk));
    });

    test("holds 100 writes and refuses none and 101", async () => {
      const { table, pk } = fresh();
      const writes = Array.from(
        { length: 101 },
        (_, n): Write => ({
          put: item(pk("many"), String(n).padStart(3, "0")),
          if: "absent",
        }),
      );
      expect(await table.transact(writes.slice(0, 100))).toEqual(ok);
      expect((await table.query({ pk: pk("many"), limit: 1000, ...strong })).items).toHaveLength(100);
      expect(await table.transact(writes.slice(0, 100))).toEqual(failedAt(...Array.from({ length: 100 }, (_, n) => n)));
      await expect(table.transact(writes)).rejects.toThrow(TypeError);
      await expect(table.transact([])).rejects.toThrow(TypeError);
    });

    test("refuses a key twice, whatever is done to it", async () => {
      const { table, pk } = fresh();
      const key = { pk: pk("thing"), sk: "a" };
      const put: Write = { put: item(key.pk, key.sk) };
      for (const other of [put, { delete: key }, { check: key, if: "absent" }] satisfies Write[]) {
        await expect(table.transact([put, other])).rejects.toThrow(TypeError);
      }
      // The same characters, split elsewhere: two keys.
      expect(await table.transact([{ put: item(pk("x"), "yz") }, { put: item(pk("xy"), "z") }])).toEqual(ok);
    });

    test("refuses what not every adapter can hold", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      const refused: Item[] = [
        item(p, ""),
        item(p, "s".repeat(1025)),
        item(anyPartition(p + "p".repeat(2048)), "a"),
        item(p, "lone \ud800 surrogate"),
        item(p, "a", { body: "lone \udc00 surrogate" }),
        item(p, "a", { body: "x".repeat(maxBodyBytes + 1) }),
        item(p, "a", { body: "é".repeat(maxBodyBytes / 2 + 1) }),
        item(p, "a", { rev: 0 }),
        item(p, "a", { rev: 1.5 }),
        item(p, "a", { expiresAt: Number.NaN }),
        item(p, "a", { view: { pk: p, sk: "" } }),
      ];
      for (const one of refused) await expect(table.transact([{ put: one }])).rejects.toThrow(TypeError);
      await expect(table.transact([{ put: item(p, "a", { rev: 1 }), if: { rev: 1 } }])).rejects.toThrow(TypeError);
      const heavy = Array.from(
        { length: 12 },
        (_, n): Write => ({ put: item(p, `${n}`, { body: "x".repeat(maxBodyBytes) }) }),
      );
      await expect(table.transact(heavy)).rejects.toThrow(TypeError);
      expect((await table.query({ pk: p, limit: 10, ...strong })).items).toEqual([]);
    });

    test("returns bodies byte for byte", async () => {
      const { table, pk } = fresh();
      const bodies = {
        empty: "",
        nul: "a\0b\0",
        controls: Array.from({ length: 160 }, (_, n) => String.fromCodePoint(n)).join(""),
        unicode: "é e\u0301 ﬀ 漢字 🙂 \u{10ffff} \ufeff \uffff",
        escapes: JSON.stringify({ quote: '"', slash: "\\", line: "\u2028" }),
        number: "9007199254740993.10",
        long: "0123456789é🙂".repeat(20_000).slice(0, 270_000),
        limit: "x".repeat(maxBodyBytes),
      };
      for (const [sk, body] of Object.entries(bodies)) {
        expect(await table.transact([{ put: item(pk("body"), sk, { body }) }])).toEqual(ok);
        const found = await table.get({ pk: pk("body"), sk }, strong);
        expect(found?.body === body, sk).toBe(true);
      }
      expect(Buffer.byteLength(bodies.long)).toBeGreaterThan(300_000);
    });

    test("loses no increment when many race on one revision", async () => {
      const { table, pk } = fresh();
      const key = { pk: pk("counter"), sk: "HEAD" };
      await table.transact([{ put: item(key.pk, key.sk, { body: "0" }), if: "absent" }]);
      const callers = 6;
      const each = 5;
      const increment = async (caller: number, n: number): Promise<void> => {
        for (;;) {
          const now = await table.get(key, strong);
          if (now === undefined) throw new Error("the counter vanished");
          const outcome = await table.transact([
            {
              put: item(key.pk, key.sk, { rev: now.rev + 1, body: String(Number(now.body) + 1) }),
              if: { rev: now.rev },
            },
            { put: item(key.pk, `E#${caller}-${n}`), if: "absent" },
          ]);
          if (outcome.ok) return;
          expect(outcome.contended ? [] : [0]).toEqual(outcome.failed);
        }
      };
      await Promise.all(
        Array.from({ length: callers }, async (_, caller) => {
          for (let n = 0; n < each; n++) await increment(caller, n);
        }),
      );
      expect(await table.get(key, strong)).toMatchObject({ rev: callers * each + 1, body: String(callers * each) });
      expect((await table.query({ pk: key.pk, from: "E#", to: "E#~", limit: 100, ...strong })).items).toHaveLength(30);
    });

    test("a caller that fails leaves its neighbours alone", async () => {
      const { table, pk } = fresh();
      const p = pk("thing");
      await table.transact([{ put: item(p, "taken") }]);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, async (_, n) =>
          table.transact([
            { put: item(p, `n${n}`), if: "absent" },
            { put: item(p, n % 2 === 0 ? `m${n}` : "taken"), if: "absent" },
          ]),
        ),
      );
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true, false, true, false, true, false]);
      const left = await table.query({ pk: p, limit: 100, ...strong });
      expect(left.items.map((one) => one.sk)).toEqual(["m0", "m2", "m4", "m6", "n0", "n2", "n4", "n6", "taken"]);
    });
  });
}

function expiryContract({ fresh, clock }: Context): void {
  describe("expiry", () => {
    test("an item is absent for every reader and condition from its moment on", async () => {
      const { table, pk } = fresh();
      const key = { pk: pk("session"), sk: "a" };
      const put = item(key.pk, key.sk, { expiresAt: clock.now() + 1500, view: { pk: pk("by-x"), sk: "x#a" } });
      await table.transact([{ put, if: "absent" }]);
      clock.advance(1499);
      expect(await table.get(key, strong)).toEqual(put);
      expect(await table.transact([{ check: key, if: { rev: 1 } }])).toEqual(ok);
      expect(await table.transact([{ check: key, if: "absent" }])).toEqual(failedAt(0));
      clock.advance(1);
      expect(await table.get(key, strong)).toBeUndefined();
      expect((await table.query({ pk: key.pk, limit: 10, ...strong })).items).toEqual([]);
      expect((await table.query({ pk: pk("by-x"), view: true, limit: 10 })).items).toEqual([]);
      expect(await table.transact([{ check: key, if: { rev: 1 } }])).toEqual(failedAt(0));
      expect(await table.transact([{ delete: key, if: { rev: 1 } }])).toEqual(failedAt(0));
      expect(await table.transact([{ put: item(key.pk, key.sk, { rev: 2 }), if: { rev: 1 } }])).toEqual(failedAt(0));
      expect(await table.transact([{ check: key, if: "absent" }])).toEqual(ok);
      const again = item(key.pk, key.sk, { body: "new" });
      expect(await table.transact([{ put: again, if: "absent" }])).toEqual(ok);
      expect(await table.get(key, strong)).toEqual(again);
      clock.advance(1_000_000_000);
      expect(await table.get(key, strong)).toEqual(again);
    });

    test("expired items neither shorten a page nor end the paging", async () => {
      const { table, pk } = fresh();
      const p = pk("session");
      const expiresAt = clock.now() + 10;
      const writes = Array.from(
        { length: 60 },
        (_, n): Write => ({
          put: item(p, `k${String(n).padStart(2, "0")}`, n % 10 === 9 ? {} : { expiresAt }),
        }),
      );
      await table.transact(writes);
      clock.advance(10);
      const first = await table.query({ pk: p, limit: 4, ...strong });
      expect(first.items.map((one) => one.sk)).toEqual(["k09", "k19", "k29", "k39"]);
      expect(first.cursor).toBe("k39");
      const rest = await table.query({ pk: p, limit: 4, after: "k39", ...strong });
      expect(rest.items.map((one) => one.sk)).toEqual(["k49", "k59"]);
      expect(rest.cursor).toBeUndefined();
    });
  });
}
