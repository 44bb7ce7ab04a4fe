/** The two adapters of the table, as something that outlives the processes on it. */
import { dynamoDirectory } from "#shared/adapters/aws/directory";
import { dynamoTableStore } from "#shared/adapters/aws/table";
import { sqliteDirectory } from "#shared/adapters/local/directory";
import { sqliteTableStore, sweepExpired } from "#shared/adapters/local/table";
import type { Clock } from "#shared/ports/clock";
import type { Directory } from "#shared/ports/directory";
import type { TableStore } from "#shared/ports/table";
import type { Dynamo } from "#test/contract/dynamo";
import { localStore, testClock } from "#test/log/local-log";

export interface ModelStore {
  /** As a new process opens it: nothing remembered. `alone`: it is the only one, so it may keep rows in memory. */
  open(clock: Clock, alone: boolean): TableStore;
  /** Of the same store, and as new. */
  directory(clock: Clock): Directory;
  /** Takes away the rows that have expired. @returns false where that is not ours to do */
  sweepExpired(clock: Clock): boolean;
  /** Forgets everything; between two runs. */
  clear(): void;
  close(): Promise<void>;
}

/** Few enough that the cache is emptied within a run, enough that it answers at times. */
const cachedRows = 20;

export function sqliteModelStore(): ModelStore {
  const store = localStore(testClock());
  // A killed process leaves what it wrote to the kernel: fsync is for the power cut, which no test here makes.
  store.sqlite.db.exec("PRAGMA synchronous = OFF");
  return {
    open: (clock, alone) => sqliteTableStore(store.sqlite, clock, alone ? { cachedRows } : {}),
    directory: (clock) => sqliteDirectory(store.sqlite, clock),
    sweepExpired: (clock) => sweepExpired(store.sqlite, clock, 10_000) >= 0,
    clear: () => store.sqlite.db.exec("DELETE FROM item; DELETE FROM directory"),
    close: () => store.close(),
  };
}

export const dynamoModelStore = ({ client, tables, stop }: Dynamo): ModelStore => ({
  open: (clock) => dynamoTableStore({ clientOf: () => client, tableName: tables.core, clock }),
  directory: (clock) => dynamoDirectory({ client, tableName: tables.directory, clock }),
  sweepExpired: () => false, // DynamoDB's own, some day
  clear: () => undefined, // each run has tenants of its own
  close: stop,
});
