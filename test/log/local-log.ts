/** The real log on the real SQLite adapter, in a directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEventLog } from "#events/log/log";
import { openSqlite, type Sqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore } from "#shared/adapters/local/table";
import type { Clock } from "#shared/ports/clock";
import type { EventLog } from "#shared/ports/event-log";
import type { Item, Partition, TableStore } from "#shared/ports/table";
import type { Wake, Wakes } from "#shared/ports/wakes";

export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(start = Date.UTC(2040, 0, 1)): TestClock {
  let now = start;
  return { now: () => now, advance: (ms) => void (now += ms) };
}

/** Rings into an array: what a test does with them is its own matter. */
export function recordedWakes(): Wakes & { readonly rung: Wake[] } {
  const rung: Wake[] = [];
  return { rung, ring: (wake) => void rung.push(wake), listen: () => async () => undefined };
}

/** Every stored item of a tenant, past the adapter. */
export const storedRows = ({ db }: Sqlite, tenant: string): Item[] =>
  db
    .prepare("SELECT pk, sk, rev, body, vpk, vsk, expires_at FROM item WHERE pk LIKE ?")
    .all(`T#${tenant}#%`)
    .map(({ pk, sk, rev, body, vpk, vsk, expires_at }) => ({
      pk: String(pk) as Partition,
      sk: String(sk),
      rev: Number(rev),
      body: String(body),
      ...(vpk !== null && { view: { pk: String(vpk) as Partition, sk: String(vsk) } }),
      ...(expires_at !== null && { expiresAt: Number(expires_at) }),
    }));

export interface LocalStore {
  readonly clock: TestClock;
  readonly tables: TableStore;
  readonly sqlite: Sqlite;
  /** A log as a process of its own would have it. */
  process(lanes: number, tables?: TableStore): EventLog;
  /** Every stored item of a tenant. */
  rows(tenant: string): Item[];
  close(): Promise<void>;
}

export function localStore(clock: TestClock = testClock()): LocalStore {
  const directory = mkdtempSync(join(tmpdir(), "trstctl-log-"));
  const sqlite = openSqlite(join(directory, "trstctl.db"));
  const tables = sqliteTableStore(sqlite, clock);
  return {
    clock,
    tables,
    sqlite,
    process: (lanes, own = tables) => createEventLog({ tables: own, wakes: recordedWakes(), lanes }),
    rows: (tenant) => storedRows(sqlite, tenant),
    async close() {
      await tables.close();
      sqlite.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
