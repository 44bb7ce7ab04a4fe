/** Table on SQLite. Every call runs on the one connection, so that a read never sees a transaction half done. */
import type { SQLInputValue, StatementSync } from "node:sqlite";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { Item, Key, Outcome, Page, Partition, Query, TableStore, Write } from "#shared/ports/table";
import { createRowCache } from "./row-cache.ts";
import { isBusy, type Sqlite, sqliteFailure } from "./sqlite.ts";
import { checkKey, checkWrites, sortRange, tenantPrefix } from "./table-rules.ts";

/** A caller of `transact` that waits for the next commit. */
interface Waiting {
  readonly writes: readonly Write[];
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds how long one commit keeps the event loop. */
const maxBatch = 256;

const ok: Outcome = { ok: true };
const contended: Outcome = { ok: false, failed: [], contended: true };

export interface SqliteTableOptions {
  /** Rows to keep in memory; only where this process is the one writer of the file. Default: none. */
  readonly cachedRows?: number;
}

/** Group commit: callers that wait in the same turn of the event loop share one `COMMIT`, hence one fsync. */
export function sqliteTableStore(
  sqlite: Sqlite,
  clock: Clock,
  { cachedRows = 0 }: SqliteTableOptions = {},
): TableStore {
  const { db, path } = sqlite;
  const cache = createRowCache(cachedRows);
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const read = db.prepare(
    `SELECT ${columns} FROM item WHERE pk = ? AND sk = ? AND (expires_at IS NULL OR expires_at > ?)`,
  );
  const readRevision = db.prepare(
    "SELECT rev FROM item WHERE pk = ? AND sk = ? AND (expires_at IS NULL OR expires_at > ?)",
  );
  const write = db.prepare(
    `INSERT INTO item (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pk, sk) DO UPDATE
     SET rev = excluded.rev, body = excluded.body, vpk = excluded.vpk, vsk = excluded.vsk, expires_at = excluded.expires_at`,
  );
  const remove = db.prepare("DELETE FROM item WHERE pk = ? AND sk = ?");
  const queries = new Map<string, StatementSync>();
  for (const statement of [read, readRevision]) statement.setReturnArrays(true);

  const waiting: Waiting[] = [];
  let closed = false;

  function flush(): void {
    const batch = waiting.splice(0, maxBatch);
    if (waiting.length > 0) setImmediate(flush);
    if (batch.length > 0) commitBatch(batch);
  }

  function commitBatch(batch: readonly Waiting[]): void {
    const outcomes: Outcome[] = [];
    try {
      begin.run();
      const now = clock.now();
      for (const { writes } of batch) outcomes.push(apply(writes, now));
    } catch (error) {
      undo();
      if (isBusy(error)) for (const caller of batch) caller.resolve(contended);
      // Nothing was written, so each may try alone: what breaks one caller's writes does not break its neighbours'.
      else if (batch.length > 1) for (const caller of batch) commitBatch([caller]);
      else batch[0]?.reject(sqliteFailure(error, path));
      return;
    }
    try {
      commit.run();
    } catch (error) {
      undo();
      for (const caller of batch) caller.reject(sqliteFailure(error, path));
      return;
    }
    batch.forEach(({ writes, resolve }, n) => {
      const outcome = outcomes[n] ?? ok;
      if (outcome.ok) writes.forEach(keep);
      resolve(outcome);
    });
  }

  function keep(one: Write): void {
    if ("put" in one) cache.set(one.put);
    else if ("delete" in one) cache.drop(one.delete);
  }

  /** Conditions first: a caller whose conditions fail has written nothing, so its neighbours need no savepoint. */
  function apply(writes: readonly Write[], now: number): Outcome {
    const failed: number[] = [];
    writes.forEach((one, n) => {
      if (one.if === undefined) return;
      const key = "put" in one ? one.put : "delete" in one ? one.delete : one.check;
      const found = readRevision.get(key.pk, key.sk, now) as unknown as [number] | undefined;
      if (found?.[0] !== (one.if === "absent" ? undefined : one.if.rev)) failed.push(n);
    });
    if (failed.length > 0) return { ok: false, failed, contended: false };
    for (const one of writes) {
      if ("put" in one) write.run(...rowOf(one.put));
      else if ("delete" in one) remove.run(one.delete.pk, one.delete.sk);
    }
    return ok;
  }

  function undo(): void {
    try {
      // After a full disk or an I/O error SQLite may have rolled back by itself.
      if (db.isTransaction) rollback.run();
    } catch {
      // The callers get the error that led here; should the transaction still be open, the next BEGIN comes back here.
    }
  }

  function search(prefix: string, query: Query): Page {
    const range = sortRange(prefix, query);
    if (range === undefined) return { items: [] };
    const sort = query.view === true ? "vsk" : "sk";
    const where = [`${query.view === true ? "vpk" : "pk"} = ?`];
    const values: SQLInputValue[] = [query.pk];
    if (range.lower) {
      where.push(`${sort} ${range.lower.inclusive ? ">=" : ">"} ?`);
      values.push(range.lower.text);
    }
    if (range.upper) {
      where.push(`${sort} ${range.upper.inclusive ? "<=" : "<"} ?`);
      values.push(range.upper.text);
    }
    const sql = `SELECT ${columns} FROM item WHERE ${where.join(" AND ")} AND (expires_at IS NULL OR expires_at > ?)
      ORDER BY ${sort} ${query.descending === true ? "DESC" : "ASC"} LIMIT ?`;
    const rows = prepared(sql).all(...values, clock.now(), query.limit + 1) as unknown as Row[];
    const items = rows.slice(0, query.limit).map(itemOf);
    const last = items.at(-1);
    const cursor = query.view === true ? last?.view?.sk : last?.sk;
    return rows.length > query.limit && cursor !== undefined ? { items, cursor } : { items };
  }

  function prepared(sql: string): StatementSync {
    const known = queries.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare(sql);
    made.setReturnArrays(true);
    queries.set(sql, made);
    return made;
  }

  function guarded<T>(work: () => T): T {
    if (closed) throw new Failure("unavailable", "the store is closed", { place: path });
    try {
      return work();
    } catch (error) {
      throw sqliteFailure(error, path);
    }
  }

  return {
    tenant(tenant) {
      const prefix = tenantPrefix(tenant);
      return {
        get: async (key: Key) => {
          checkKey(prefix, key);
          const known = cache.get(key);
          if (known !== undefined && (known.expiresAt === undefined || known.expiresAt > clock.now())) return known;
          const row = guarded(() => read.get(key.pk, key.sk, clock.now())) as unknown as Row | undefined;
          if (row === undefined) return undefined;
          const item = itemOf(row);
          cache.set(item);
          return item;
        },
        query: async (query) => guarded(() => search(prefix, query)),
        transact: async (writes) => {
          checkWrites(prefix, writes);
          if (closed) throw new Failure("unavailable", "the store is closed", { place: path });
          return await new Promise<Outcome>((resolve, reject) => {
            if (waiting.length === 0) setImmediate(flush);
            waiting.push({ writes, resolve, reject });
          });
        },
      };
    },
    close: async () => {
      closed = true;
      while (waiting.length > 0) flush();
    },
  };
}

/**
 * Deletes up to `limit` expired items: they are absent already, this only frees their space.
 * @returns how many were deleted.
 */
export function sweepExpired(sqlite: Sqlite, clock: Clock, limit: number): number {
  try {
    return Number(
      sqlite.db
        .prepare("DELETE FROM item WHERE rowid IN (SELECT rowid FROM item WHERE expires_at <= ? LIMIT ?)")
        .run(clock.now(), limit).changes,
    );
  } catch (error) {
    throw sqliteFailure(error, sqlite.path);
  }
}

const columns = "pk, sk, rev, body, vpk, vsk, expires_at";

type Row = readonly [Partition, string, number, string, Partition | null, string | null, number | null];

const rowOf = (item: Item): [...Row] => [
  item.pk,
  item.sk,
  item.rev,
  item.body,
  item.view?.pk ?? null,
  item.view?.sk ?? null,
  item.expiresAt ?? null,
];

const itemOf = ([pk, sk, rev, body, vpk, vsk, expiresAt]: Row): Item => ({
  pk,
  sk,
  rev,
  body,
  ...(vpk !== null && vsk !== null && { view: { pk: vpk, sk: vsk } }),
  ...(expiresAt !== null && { expiresAt }),
});
