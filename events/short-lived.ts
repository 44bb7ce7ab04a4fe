/** `ShortLived` in the tenant's table. */
import type { Clock } from "#shared/ports/clock";
import type { ShortLived } from "#shared/ports/short-lived";
import type { ItemKey, TableStore } from "#shared/ports/table";
import { partition } from "./item-kinds.ts";

export function createShortLived(tables: TableStore, clock: Clock): ShortLived {
  const keyOf = (tenant: string, name: string): ItemKey => ({
    pk: partition(tenant, "U#short-lived", name),
    sk: "-",
  });
  return {
    async put(tenant, name, body, ttlMs) {
      const item = { ...keyOf(tenant, name), rev: 1, body, expiresAt: clock.now() + ttlMs };
      for (;;) {
        const outcome = await tables.tenant(tenant).transact([{ put: item, if: "absent" }]);
        if (outcome.ok) return true;
        if (!outcome.contended) return false;
      }
    },
    async replace(tenant, name, body, ttlMs) {
      const table = tables.tenant(tenant);
      const key = keyOf(tenant, name);
      for (;;) {
        const before = await table.get(key, { consistent: true });
        if (before === undefined) return false;
        const item = { ...key, rev: before.rev + 1, body, expiresAt: clock.now() + ttlMs };
        const outcome = await table.transact([{ put: item, if: { rev: before.rev } }]);
        if (outcome.ok) return true;
      }
    },
    async get(tenant, name) {
      return (await tables.tenant(tenant).get(keyOf(tenant, name), { consistent: true }))?.body;
    },
    async take(tenant, name) {
      const table = tables.tenant(tenant);
      const key = keyOf(tenant, name);
      for (;;) {
        const item = await table.get(key, { consistent: true });
        if (item === undefined) return undefined;
        const outcome = await table.transact([{ delete: key, if: { rev: item.rev } }]);
        if (outcome.ok) return item.body;
        if (!outcome.contended) return undefined;
      }
    },
  };
}
