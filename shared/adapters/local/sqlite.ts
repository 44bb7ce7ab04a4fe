/** The one database file of a machine (DESIGN §3): opened, checked and owned here; the adapters only prepare statements. */
import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Failure, type FailureCode } from "#shared/kernel/failure";

export interface Sqlite {
  readonly db: DatabaseSync;
  readonly path: string;
  /** Folds the write-ahead log into the file and releases it. No error when closed before. */
  close(): void;
}

/** "trst" in ASCII: tells our files from any other SQLite file. */
const applicationId = 0x74727374;
/** Raised with every change of `schema`, together with a step in `docs` that says how old files get there. */
const schemaVersion = 1;

// Rowid tables: with WITHOUT ROWID a 5-item transaction costs 61 µs of CPU instead of 35 (spec/measurements 5).
const schema = `
  CREATE TABLE item (pk TEXT NOT NULL, sk TEXT NOT NULL, rev INTEGER NOT NULL, body TEXT NOT NULL,
    vpk TEXT, vsk TEXT, expires_at INTEGER) STRICT;
  CREATE UNIQUE INDEX item_key ON item (pk, sk);
  CREATE INDEX item_view ON item (vpk, vsk) WHERE vpk IS NOT NULL;
  CREATE INDEX item_expiry ON item (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE directory (kind TEXT NOT NULL, value TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
    reserved_at INTEGER NOT NULL) STRICT;
  CREATE UNIQUE INDEX directory_name ON directory (kind, value);
  CREATE INDEX directory_tenant ON directory (tenant) WHERE kind = 'tenant';
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

const settings = `
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
`;

/** A whole-file check takes 3 ms for each MB; above this size only the header and the schema are read at start. */
const wholeCheckBytes = 8 * 1024 * 1024;
const busyMs = 2000;

/**
 * Opens the file, or makes it (0600) when there is none or it is empty. A file that is not ours is left as it was.
 * @throws Failure `misconfigured` when it cannot be opened, is corrupt, foreign, or of a newer version.
 */
export function openSqlite(path: string): Sqlite {
  let db: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, "a", 0o600));
    db = new DatabaseSync(path, { timeout: busyMs, defensive: true });
    prepareFile(db, path);
  } catch (cause) {
    db?.close();
    throw cannotOpen(path, cause);
  }
  const opened = db;
  return { db: opened, path, close: () => void (opened.isOpen && opened.close()) };
}

function prepareFile(db: DatabaseSync, path: string): void {
  const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const size = statSync(path).size;
  // Nothing may be written before these checks: not even the switch to WAL, which changes the file's header.
  if (size > 0 && pragma("schema_version") !== 0) {
    if (pragma("application_id") !== applicationId) {
      throw refusal(
        `${path} is a database of another program: point the data directory elsewhere or move the file away`,
      );
    }
    const version = Number(pragma("user_version"));
    if (version !== schemaVersion) {
      throw refusal(
        `${path} has schema version ${version} and this trstctl knows ${schemaVersion}: ` +
          "run the version that wrote it, or restore a backup made by this one",
      );
    }
    if (size <= wholeCheckBytes && pragma("quick_check(1)") !== "ok") throw refusal(`${path} ${damaged}`);
  }
  if (pragma("journal_mode = WAL") !== "wal") {
    throw refusal(
      `${path} lies on a file system without shared memory (WAL needs it): move the data directory to a local disk`,
    );
  }
  db.exec(settings);
  // Two processes may start on the same new file: only the first makes the schema.
  db.exec("BEGIN IMMEDIATE");
  if (pragma("user_version") === 0) db.exec(schema);
  db.exec("COMMIT");
  // SQLite gives the -wal and -shm files the mode of the main file.
  chmodSync(path, 0o600);
}

const refusal = (detail: string): Failure => new Failure("misconfigured", detail);

const damaged = "is damaged or not a database: restore it from a backup, or move it away to start empty";
const inTheWay = "is locked by another process: close other tools that have it open";

/** Primary result codes (sqlite.org/rescode.html) that are not defects of ours. */
const expected: Readonly<Record<number, { readonly code: FailureCode; readonly detail: string }>> = {
  5: { code: "unavailable", detail: inTheWay },
  6: { code: "unavailable", detail: inTheWay },
  7: { code: "unavailable", detail: "could not be used: the machine is out of memory" },
  8: { code: "unavailable", detail: "is read-only: check its owner and how its file system is mounted" },
  10: { code: "unavailable", detail: "could not be read or written: check the disk below it" },
  11: { code: "corrupt", detail: damaged },
  13: { code: "unavailable", detail: "cannot grow: free some space on its disk and try again" },
  14: { code: "unavailable", detail: "cannot be opened: check that its directory exists and is ours to write" },
  26: { code: "corrupt", detail: damaged },
};

const resultCode = (error: unknown): number =>
  error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;

/** The database is locked by another process; nothing was written. */
export const isBusy = (error: unknown): boolean => resultCode(error) === 5;

/** What SQLite threw as a `Failure` when it is not a defect of ours, else the error itself. */
export function sqliteFailure(error: unknown, path: string): unknown {
  const row = expected[resultCode(error)];
  return row === undefined ? error : new Failure(row.code, `the store ${row.detail}`, { place: path, cause: error });
}

function cannotOpen(path: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const known = expected[resultCode(cause)];
  if (known !== undefined) return new Failure("misconfigured", `${path} ${known.detail}`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Failure("misconfigured", `${path} cannot be opened: ${reason}`, { cause });
}
