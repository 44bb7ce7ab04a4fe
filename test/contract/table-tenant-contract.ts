import { describe, expect, test } from "vitest";
import type { Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";
import { randomId } from "./fixtures.ts";
import { type Context, item } from "./table-context.ts";

/** I1: a handle reaches its own tenant and nothing else. */
export function tenantContract({ fresh, store }: Context): void {
  describe("tenants", () => {
    test("a handle refuses every key of another tenant, in every place where a key can stand", async () => {
      const own = fresh();
      const mine = item(own.pk("thing"), "a");
      const suffix = randomId();
      const foreign = [
        `T#${own.tenant}${suffix}#thing`, // T#a against T#ab
        `T#${own.tenant.slice(0, -1)}#thing`,
        `T#${own.tenant}-x#thing`,
        `T#${randomId()}#thing`,
        `T#${own.tenant}`,
        `T#${own.tenant}#`,
        `T#${own.tenant}%23thing`,
        ` T#${own.tenant}#thing`,
        `t#${own.tenant}#thing`,
        `G#tenant#${own.tenant}`,
        `#${own.tenant}#thing`,
        `T##${own.tenant}#thing`,
        `T#\0${own.tenant}#thing`,
        "",
      ];
      for (const pk of foreign.map(anyPartition)) {
        const key = { pk, sk: "a" };
        await expect(own.table.get(key), pk).rejects.toThrow(TypeError);
        await expect(own.table.query({ pk, limit: 1 }), pk).rejects.toThrow(TypeError);
        await expect(own.table.query({ pk, view: true, limit: 1 }), pk).rejects.toThrow(TypeError);
        const writes: Write[] = [
          { put: item(pk, "a") },
          { put: { ...mine, view: { pk, sk: "a" } } },
          { delete: key },
          { check: key, if: "absent" },
        ];
        for (const write of writes) {
          await expect(own.table.transact([{ put: item(own.pk("thing"), "b") }, write]), pk).rejects.toThrow(TypeError);
        }
      }
      expect((await own.table.query({ pk: own.pk("thing"), limit: 10, consistent: true })).items).toEqual([]);
    });

    test("tenants whose ids begin alike do not see each other", async () => {
      const id = randomId();
      const [short, long] = [store().tenant(id), store().tenant(`${id}b`)];
      await short.transact([{ put: item(anyPartition(`T#${id}#thing`), "a", { body: "short" }) }]);
      await long.transact([{ put: item(anyPartition(`T#${id}b#thing`), "a", { body: "long" }) }]);
      expect(await short.get({ pk: `T#${id}#thing`, sk: "a" }, { consistent: true })).toMatchObject({ body: "short" });
      expect(await long.get({ pk: `T#${id}b#thing`, sk: "a" }, { consistent: true })).toMatchObject({ body: "long" });
      await expect(short.get({ pk: `T#${id}b#thing`, sk: "a" })).rejects.toThrow(TypeError);
      await expect(long.get({ pk: `T#${id}#thing`, sk: "a" })).rejects.toThrow(TypeError);
    });

    test("there is no handle for what is not a tenant id", () => {
      for (const id of ["", "#", "a#", "a#b", "A", "a b", "-a", "a/b", "a.b", "é", "a\0", "*", "a\n", "x".repeat(64)]) {
        expect(() => store().tenant(id), id).toThrow(TypeError);
      }
    });
  });
}
