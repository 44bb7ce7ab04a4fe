/** What every implementation of SharedItems promises. */
import { describe, expect, test } from "vitest";
import { maxItemBytes, type SharedItem, type SharedItems } from "#shared/ports/items";
import { randomId } from "./fixtures.ts";

const item = (pk: string, sk: string, text = "x", rev = 1): SharedItem => ({ pk, sk, rev, body: Buffer.from(text) });
const textOf = (found: SharedItem | undefined) => found && Buffer.from(found.body).toString("utf8");

export function itemsContract(what: string, items: () => SharedItems): void {
  describe(`shared items: ${what}`, () => {
    test("what is not there is undefined; what is put comes back, bytes and revision", async () => {
      const pk = randomId();
      expect(await items().get({ pk, sk: "a" })).toBeUndefined();
      const body = Uint8Array.from({ length: 256 }, (_, at) => at);
      expect(await items().put({ pk, sk: "a", rev: 1, body }, "absent")).toBe(true);
      const found = await items().get({ pk, sk: "a" });
      expect(found).toMatchObject({ pk, sk: "a", rev: 1 });
      expect([...(found?.body ?? [])]).toEqual([...body]);
    });

    test("of fifty that put the same item where there is none, one does", async () => {
      const pk = randomId();
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, at) => items().put(item(pk, "a", String(at)), "absent")),
      );
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(textOf(await items().get({ pk, sk: "a" }))).toBe(String(done.indexOf(true)));
    });

    test("a put on a revision is done on that revision alone", async () => {
      const pk = randomId();
      await items().put(item(pk, "a", "1"), "absent");
      expect(await items().put(item(pk, "a", "no", 1), "absent")).toBe(false);
      expect(await items().put(item(pk, "a", "no", 3), { rev: 2 })).toBe(false);
      expect(await items().put(item(pk, "a", "2", 2), { rev: 1 })).toBe(true);
      expect(await items().put(item(pk, "a", "no", 2), { rev: 1 })).toBe(false);
      expect(await items().put(item(pk, "b", "no", 2), { rev: 1 })).toBe(false);
      expect(textOf(await items().get({ pk, sk: "a" }))).toBe("2");
      expect(await items().get({ pk, sk: "b" })).toBeUndefined();
    });

    test("so is a delete", async () => {
      const pk = randomId();
      await items().put(item(pk, "a"), "absent");
      expect(await items().delete({ pk, sk: "a" }, { rev: 2 })).toBe(false);
      expect(await items().delete({ pk, sk: "a" }, { rev: 1 })).toBe(true);
      expect(await items().delete({ pk, sk: "a" }, { rev: 1 })).toBe(false);
      expect(await items().get({ pk, sk: "a" })).toBeUndefined();
      expect(await items().put(item(pk, "a"), "absent")).toBe(true);
    });

    test("what is behind a sort key comes in order, page by page, and nothing of another partition", async () => {
      const pk = randomId();
      for (const sk of ["R#3", "R#1", "R#2", "R#4"]) await items().put(item(pk, sk), "absent");
      await items().put(item(`${pk}x`, "R#9"), "absent");
      const keys = async (sk: string, limit: number) => {
        const page = await items().after(pk, sk, limit);
        return [page.items.map((one) => one.sk).join(" "), page.items.length < limit || page.more];
      };
      expect(await keys("R#1", 2)).toEqual(["R#2 R#3", true]);
      expect(await keys("R#3", 2)).toEqual(["R#4", true]);
      expect((await items().after(pk, "R#3", 2)).more).toBe(false);
      expect(await items().after(pk, "R#4", 2)).toEqual({ items: [], more: false });
    });

    test("pages of large items come to an end, with all of them", async () => {
      const pk = randomId();
      const body = new Uint8Array(maxItemBytes).fill(7);
      const names = ["a", "b", "c", "d"];
      for (const sk of names) await items().put({ pk, sk, rev: 1, body }, "absent");
      const seen: string[] = [];
      for (let more = true; more; ) {
        const page = await items().after(pk, seen.at(-1) ?? "!", 100);
        seen.push(...page.items.map(({ sk }) => sk));
        more = page.more;
      }
      expect(seen).toEqual(names);
    });
  });
}
