/** The store as rows: read at one moment while its host goes on writing, and written into a new file. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { itemKinds, kindOf } from "#events/item-kinds";
import { openSqlite } from "#shared/adapters/local/sqlite";
import { Failure } from "#shared/kernel/failure";
import type { ItemRow, NameRow } from "./records.ts";

/** A table that is not here would be left out in silence. */
const tables = ["directory", "item"];
const itemColumns = "pk, sk, rev, body, vpk, vsk, expires_at";
const nameColumns = "kind, value, tenant, id, reserved_at";

export interface StoreMoment {
  /** Of the kinds that a backup keeps, ordered by partition and sort key. */
  items(): Generator<ItemRow>;
  names(): Generator<NameRow>;
  close(): void;
}

/**
 * Holds the state of the store as it is now; nothing that is written later is seen, and nobody waits for it.
 * @throws Failure `misconfigured` when there is no store, or one of another shape
 */
export function holdStore(path: string): StoreMoment {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    db.exec("BEGIN");
    // The first read fixes the moment.
    const found = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all()
      .map(({ name }) => String(name));
    if (found.join() !== tables.join())
      throw new Failure(
        "misconfigured",
        `${path} has the tables ${found.join(", ") || "of none"}, this release backs up ${tables.join(", ")}`,
      );
  } catch (cause) {
    db?.close();
    if (cause instanceof Failure) throw cause;
    throw new Failure("misconfigured", `store ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const held = db;
  const rows = (sql: string): StatementSync => {
    const statement = held.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    *items() {
      for (const row of rows(`SELECT ${itemColumns} FROM item ORDER BY pk, sk`).iterate() as Iterable<unknown>) {
        const item = row as ItemRow;
        const kind = kindOf(item[0]);
        if (kind === undefined)
          throw new Failure("corrupt", `the store holds an item of a kind that this release does not know: ${item[0]}`);
        if (itemKinds[kind] !== "ephemeral") yield item;
      }
    },
    *names() {
      yield* rows(
        `SELECT ${nameColumns} FROM directory ORDER BY kind, value`,
      ).iterate() as unknown as Iterable<NameRow>;
    },
    close: () => held.close(),
  };
}

export interface StoreFiller {
  item(row: ItemRow): void;
  name(row: NameRow): void;
  /** All of it is on the disk when it returns. */
  close(): void;
}

/** Bounds the write-ahead log. */
const rowsPerTransaction = 20_000;

/** @param path of a store that is not there yet */
export function fillStore(path: string): StoreFiller {
  const sqlite = openSqlite(path);
  const { db } = sqlite;
  const item = db.prepare(`INSERT INTO item (${itemColumns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const name = db.prepare(`INSERT INTO directory (${nameColumns}) VALUES (?, ?, ?, ?, ?)`);
  let rows = 0;
  db.exec("BEGIN");
  const counted = (): void => {
    if (++rows % rowsPerTransaction === 0) db.exec("COMMIT; BEGIN");
  };
  return {
    item(row) {
      item.run(...row);
      counted();
    },
    name(row) {
      name.run(...row);
      counted();
    },
    close() {
      db.exec("COMMIT");
      sqlite.close();
    },
  };
}
