/** `ShortLived` in the tenant's table. */
import type { Clock } from "#shared/ports/clock";
import type { ShortLived, ShortLivedName } from "#shared/ports/short-lived";
import type { ItemKey, TableStore } from "#shared/ports/table";
import { partition } from "./item-kinds.ts";

export function createShortLived(tables: TableStore, clock: Clock): ShortLived {
  return {
    async put(tenant, name, body, ttlMs) {
      const item = { ...keyOf(tenant, name), rev: 1, body, expiresAt: clock.now() + ttlMs };
      for (;;) {
        const outcome = await tables.tenant(tenant).transact([{ put: item, if: "absent" }]);
        if (outcome.ok) return true;
        if (!outcome.contended) return false;
      }
    },
    async replace(tenant, name, { from, to }, ttlMs) {
      const table = tables.tenant(tenant);
      const key = keyOf(tenant, name);
      for (;;) {
        const before = await table.get(key, { consistent: true });
        if (before?.body !== from) return false;
        const item = { ...key, rev: before.rev + 1, body: to, expiresAt: clock.now() + ttlMs };
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
      }
    },
    async list(tenant, list, { after, limit }) {
      const { items, cursor } = await tables.tenant(tenant).query({
        pk: partition(tenant, "U#listed", list),
        ...(after !== undefined && { after }),
        descending: true,
        limit,
        consistent: true,
      });
      const found = items.map(({ sk, body }) => ({ key: sk, body }));
      return cursor === undefined ? { items: found } : { items: found, cursor };
    },
  };
}

const keyOf = (tenant: string, name: ShortLivedName): ItemKey =>
  typeof name === "string"
    ? { pk: partition(tenant, "U#short-lived", name), sk: "-" }
    : { pk: partition(tenant, "U#listed", name.list), sk: name.key };
