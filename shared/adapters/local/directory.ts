/** Directory on SQLite: one row for each name, in the same file as the tenants' items. */
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { Directory, DirectoryEntry } from "#shared/ports/directory";
import { checkEntry, checkName } from "./directory-rules.ts";
import { type Sqlite, sqliteFailure } from "./sqlite.ts";
import type { SqliteTableOptions } from "./table.ts";

export function sqliteDirectory(sqlite: Sqlite, clock: Clock, { cachedRows = 0 }: SqliteTableOptions = {}): Directory {
  const { db, path } = sqlite;
  const names = new Map<string, DirectoryEntry>();
  const read = db.prepare("SELECT tenant, id, reserved_at FROM directory WHERE kind = ? AND value = ?");
  const write = db.prepare(
    `INSERT INTO directory (kind, value, tenant, id, reserved_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, value) DO UPDATE
     SET reserved_at = excluded.reserved_at WHERE tenant = excluded.tenant AND id = excluded.id`,
  );
  const remove = db.prepare(
    "DELETE FROM directory WHERE kind = ? AND value = ? AND tenant = ? AND reserved_at = ifnull(?, reserved_at)",
  );
  const held = db.prepare(
    "SELECT value, tenant, id, reserved_at FROM directory WHERE kind = 'endpoint' AND value > ? AND tenant = ? ORDER BY value LIMIT 100",
  );
  const list = db.prepare(
    "SELECT DISTINCT tenant FROM directory WHERE kind = 'tenant' AND tenant > ? ORDER BY tenant LIMIT 100",
  );

  function guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteFailure(error, path);
    }
  }

  return {
    async resolve(kind, value) {
      checkName(kind, value);
      const known = names.get(`${kind}/${value}`);
      if (known !== undefined) return known;
      const row = guarded(() => read.get(kind, value));
      if (row === undefined) return undefined;
      const entry = entryOf(row);
      if (names.size >= cachedRows) names.clear();
      if (cachedRows > 0) names.set(`${kind}/${value}`, entry);
      return entry;
    },

    async reserve(kind, value, entry) {
      checkName(kind, value);
      checkEntry(entry);
      names.delete(`${kind}/${value}`);
      const { changes } = guarded(() => write.run(kind, value, entry.tenant, entry.id, clock.now()));
      if (changes === 0) throw new Failure("conflict", `this ${kind} name is taken: choose another`);
    },

    async release(kind, value, tenant, only) {
      checkName(kind, value);
      names.delete(`${kind}/${value}`);
      const { changes } = guarded(() => remove.run(kind, value, tenant, only?.reservedAt ?? null));
      if (changes === 0 && guarded(() => read.get(kind, value)) !== undefined) {
        throw new Failure("conflict", `this ${kind} name belongs to another tenant, or was reserved again, and stays`);
      }
    },

    async endpoints(tenant, after = "") {
      return guarded(() => held.all(after, tenant)).map((row) => ({ value: String(row["value"]), ...entryOf(row) }));
    },

    async tenants(after = "") {
      return guarded(() => list.all(after)).map((row) => String(row["tenant"]));
    },
  };
}

const entryOf = ({ tenant, id, reserved_at }: Readonly<Record<string, unknown>>): DirectoryEntry => ({
  tenant: String(tenant),
  id: String(id),
  reservedAt: Number(reserved_at),
});
