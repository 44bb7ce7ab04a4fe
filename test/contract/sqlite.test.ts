/** What the SQLite file must stand: kill -9, a full disk, and files that are not ours. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlite, type Sqlite } from "#shared/adapters/local/sqlite";
import { sqliteTableStore, sweepExpired } from "#shared/adapters/local/table";
import { isFailure } from "#shared/kernel/failure";
import type { Item, Table, Write } from "#shared/ports/table";
import { anyPartition } from "./any-key.ts";
import { manualClock, type TemporaryDir, temporaryDir } from "./fixtures.ts";

let dir: TemporaryDir;
let path: string;
beforeEach(() => {
  dir = temporaryDir();
  path = join(dir.path, "trstctl.db");
});
afterEach(() => dir.remove());

const clock = manualClock();
const tableOf = (sqlite: Sqlite): Table => sqliteTableStore(sqlite, clock).tenant("acme");
const thing = anyPartition("T#acme#thing");
const put = (sk: string, body = "{}"): Write => ({ put: { pk: thing, sk, rev: 1, body }, if: "absent" });

async function all(table: Table, pk: string, view = false): Promise<Item[]> {
  const items: Item[] = [];
  let after = "";
  for (;;) {
    const page = await table.query({ pk, view, after, limit: 1000 });
    items.push(...page.items);
    if (page.cursor === undefined) return items;
    after = page.cursor;
  }
}

test("kill -9 loses nothing that was acknowledged and leaves nothing half done", async () => {
  const acknowledged: string[] = [];
  for (const run of ["r1", "r2", "r3"]) {
    const writer = fileURLToPath(new URL("sqlite-writer.ts", import.meta.url));
    const child = spawn(process.execPath, [writer, path, run], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const closed = once(child.stdout, "close");
    let output = "";
    let lines = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      lines += chunk.toString().split("\n").length - 1;
      if (lines > 2000) child.kill("SIGKILL");
    });
    expect((await exited)[1]).toBe("SIGKILL");
    await closed;
    acknowledged.push(...output.slice(0, output.lastIndexOf("\n")).split("\n"));
  }
  expect(acknowledged.length).toBeGreaterThan(6000);
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  const found = new Set((await all(table, "T#acme#a")).map((one) => one.sk));
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  for (const part of ["b", "c", "d", "e"]) {
    expect(new Set((await all(table, `T#acme#${part}`)).map((one) => one.sk))).toEqual(found);
  }
  expect(await all(table, "T#acme#all", true)).toHaveLength(found.size * 5);
  expect(sqlite.db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  sqlite.close();
});

test("a full disk fails the call with the way out, writes no part of it, and harms no neighbour", async () => {
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  await table.transact([put("before")]);
  const pages = Number(sqlite.db.prepare("PRAGMA page_count").get()?.["page_count"]);
  sqlite.db.exec(`PRAGMA max_page_count = ${pages + 8}`);
  const tooMuch = Array.from({ length: 40 }, (_, n) => put(`big-${n}`, "x".repeat(50_000)));
  const [small, big, other] = await Promise.allSettled([
    table.transact([put("small")]),
    table.transact(tooMuch),
    table.transact([put("other")]),
  ]);
  expect(small).toEqual({ status: "fulfilled", value: { ok: true } });
  expect(other).toEqual({ status: "fulfilled", value: { ok: true } });
  const reason: unknown = big.status === "rejected" ? big.reason : undefined;
  expect(isFailure(reason, "unavailable") && reason.message).toContain("the store cannot grow: free some space");
  expect(isFailure(reason) && reason.message).not.toContain(basename(path)); // callers see no places of ours
  expect((await all(table, "T#acme#thing")).map((one) => one.sk)).toEqual(["before", "other", "small"]);
  sqlite.db.exec("PRAGMA max_page_count = 1000000");
  expect(await table.transact(tooMuch)).toEqual({ ok: true });
  sqlite.close();
});

test("another process that holds the file makes a transaction contended, not lost", { timeout: 30_000 }, async () => {
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  expect(await table.transact([put("a")])).toEqual({ ok: false, failed: [], contended: true });
  other.exec("ROLLBACK");
  other.close();
  expect(await table.transact([put("a")])).toEqual({ ok: true });
  sqlite.close();
});

test("sweeping frees what has expired and nothing else", async () => {
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  const expiring = (sk: string, expiresAt: number): Write => ({
    put: { pk: thing, sk, rev: 1, body: "{}", expiresAt },
  });
  const now = clock.now();
  await table.transact([
    put("stays"),
    expiring("later", now + 100),
    ...["a", "b", "c"].map((sk) => expiring(sk, now + 50)),
  ]);
  expect(sweepExpired(sqlite, clock, 10)).toBe(0);
  clock.advance(50);
  expect(sweepExpired(sqlite, clock, 2)).toBe(2);
  expect(sweepExpired(sqlite, clock, 2)).toBe(1);
  expect(sqlite.db.prepare("SELECT sk FROM item ORDER BY sk").all()).toEqual([{ sk: "later" }, { sk: "stays" }]);
  sqlite.close();
});

test("a write that SQLite refuses fails its caller alone, and a commit that it refuses fails all of them", async () => {
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  // Planted: a row that cannot be written, and one that is only found out at COMMIT.
  sqlite.db.exec(`
    CREATE TABLE parent (id TEXT PRIMARY KEY);
    CREATE TABLE child (id TEXT REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE TEMP TRIGGER refuse AFTER INSERT ON main.item WHEN new.sk = 'never' BEGIN SELECT RAISE(ABORT, 'planted'); END;
    CREATE TEMP TRIGGER orphan AFTER INSERT ON main.item WHEN new.sk = 'late' BEGIN INSERT INTO child VALUES ('x'); END;
  `);
  const together = async (sk: string): Promise<readonly string[]> =>
    (
      await Promise.allSettled([
        table.transact([put(`${sk}-1`)]),
        table.transact([put(`${sk}-2`), put(sk)]),
        table.transact([put(`${sk}-3`)]),
      ])
    ).map((one) => one.status);
  const keys = async (): Promise<readonly string[]> => (await all(table, "T#acme#thing")).map((one) => one.sk);
  expect(await together("never")).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await keys()).toEqual(["never-1", "never-3"]);
  expect(await together("late")).toEqual(["rejected", "rejected", "rejected"]);
  expect(await keys()).toEqual(["never-1", "never-3"]);
  expect(await together("fine")).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  sqlite.close();
});

test("closing the store writes what waits and takes no more", async () => {
  const sqlite = openSqlite(path);
  const store = sqliteTableStore(sqlite, clock);
  const table = store.tenant("acme");
  const waiting = Array.from({ length: 600 }, async (_, n) => await table.transact([put(`k${n}`)]));
  await store.close();
  sqlite.close();
  expect((await Promise.all(waiting)).every((outcome) => outcome.ok)).toBe(true);
  for (const work of [table.transact([put("late")]), table.get({ pk: thing, sk: "k0" })]) {
    expect(isFailure(await work.catch((error: unknown) => error), "unavailable")).toBe(true);
  }
  sqlite.close();
});

test("every commit reaches the disk", () => {
  const sqlite = openSqlite(path);
  expect(sqlite.db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(sqlite.db.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
  sqlite.close();
});

function refused(): string {
  try {
    openSqlite(path).close();
  } catch (error) {
    if (isFailure(error, "misconfigured")) return error.message;
    throw error;
  }
  return "opened";
}

test("a new file is 0600 with its siblings, and opens again", async () => {
  const sqlite = openSqlite(path);
  await tableOf(sqlite).transact([put("a")]);
  for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  sqlite.close();
  chmodSync(path, 0o644);
  const again = openSqlite(path);
  expect(await all(tableOf(again), "T#acme#thing")).toHaveLength(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  again.close();
});

test("a file that is no database, or damaged, stops the start and is left as it was", async () => {
  writeFileSync(path, "-----BEGIN CERTIFICATE-----\n".repeat(400));
  const before = readFileSync(path);
  expect(refused()).toBe(
    `${path} is damaged or not a database: restore it from a backup, or move it away to start empty`,
  );
  expect(readFileSync(path)).toEqual(before);
});

test("a database with its end or a page missing stops the start", async () => {
  const sqlite = openSqlite(path);
  const table = tableOf(sqlite);
  for (let n = 0; n < 50; n++) await table.transact([put(`k${n}`, "x".repeat(2000))]);
  sqlite.close();
  const whole = readFileSync(path);
  truncateSync(path, 65_536);
  expect(refused()).toContain("is damaged");
  // One page in the middle, which nothing at start needs.
  writeFileSync(path, whole.fill(0xa5, 65_536, 69_632));
  expect(refused()).toContain("is damaged");
});

test("another program's database stops the start and is left as it was", () => {
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE bookmarks (url TEXT); PRAGMA application_id = 7");
  foreign.close();
  const before = readFileSync(path);
  expect(refused()).toBe(
    `${path} is a database of another program: point the data directory elsewhere or move the file away`,
  );
  expect(readFileSync(path)).toEqual(before);
});

test("a newer schema stops the start", () => {
  const sqlite = openSqlite(path);
  sqlite.db.exec("PRAGMA user_version = 99");
  sqlite.close();
  expect(refused()).toContain("has schema version 99 and this trstctl knows 1: run the version that wrote it");
});

test("a missing directory and a directory in the file's place stop the start", () => {
  const good = path;
  path = join(dir.path, "missing", "trstctl.db");
  expect(refused()).toContain(path);
  path = dir.path;
  expect(refused()).toContain(path);
  path = good;
});
