import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installation } from "#test/backup/installation";
import { type Kept, keptBackup } from "#test/backup/kept";
import { writeMarker } from "../data-marker.ts";
import type { Places } from "../places.ts";
import { readBackupFile } from "./backup-file.ts";
import { createBackup } from "./create.ts";

let here: Kept;
beforeAll(() => {
  here = keptBackup();
});
afterAll(() => here[Symbol.dispose]());

it("a backup shows nothing that is in it, and the key encryption key is not even in it", () => {
  const sealed = readFileSync(here.file);
  for (const text of ["alpha.example.test", "trstctl-key/1", "certificate.issued", "default"])
    expect(sealed.includes(text), text).toBe(false);
  const inside = Buffer.concat(
    [...readBackupFile(here.file, here.key)].map(({ kind, value }) =>
      kind === "bytes" ? value : Buffer.from(JSON.stringify(value)),
    ),
  );
  expect(inside.includes("alpha.example.test")).toBe(true);
  const kek = Buffer.from(here.kek.reveal());
  for (const form of [kek, kek.toString("hex"), kek.toString("base64")]) expect(inside.includes(form)).toBe(false);
});

it("a backup writes over nothing, and what a killed one left goes", () => {
  const again = (to: string) => createBackup(here.places, to, here.key, "0");
  expect(() => again(here.file)).toThrow(/there is a file .* already/);
  const folder = join(here.directory, "many");
  mkdirSync(folder);
  const { file } = again(folder);
  expect(file).toMatch(/trstctl-[0-9a-f-]{36}-\d{8}T\d{6}Z[.]backup$/);
  writeFileSync(`${file}.999999999.partial`, "half of it");
  writeFileSync(`${file}.${process.ppid}.partial`, "another is at work");
  again(join(folder, "named"));
  expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([
    expect.stringMatching(new RegExp(`[.]${process.ppid}[.]partial$`)),
  ]);
  expect(() => again(join(folder, "no", "where"))).toThrow(/no directory .*no to write/);
});

it("a backup leaves out what is not ours, and names it", () => {
  using stray = installation();
  writeFileSync(join(stray.places.data, "letters.txt"), "mine");
  symlinkSync("/etc/hostname", join(stray.places.host, "link"));
  const { left_out } = createBackup(stray.places, join(stray.directory, "b"), here.key, "0");
  expect(left_out).toEqual(["host/link", "letters.txt"]);
});

it("a backup holds no line of the journal that is still being written", async () => {
  using busy = installation();
  writeFileSync(join(busy.places.signer, "journal"), 'f00d{"half":', { flag: "a" });
  const file = join(busy.directory, "b");
  createBackup(busy.places, file, here.key, "0");
  await here.restore(file, here.free());
});

function change({ host }: Places, sql: string): void {
  const db = new DatabaseSync(join(host, "store.db"));
  db.exec(sql);
  db.close();
}

it.each<[string, (places: Places) => void, RegExp]>([
  ["what is no data directory", ({ data }) => writeFileSync(join(data, "trstctl.json"), "{}"), /is no data directory/],
  [
    "an older format",
    ({ data }) => writeMarker(data, { format: "trstctl-data/1" }),
    /trstctl-data\/1, this release ba/,
  ],
  [
    "one that is half migrated",
    ({ data }) => writeMarker(data, { format: "trstctl-data/2", migrating_from: "trstctl-data/1" }),
    /start this release on it first/,
  ],
  ["an unknown table", (places) => change(places, "CREATE TABLE novelty (x)"), /the tables directory, item, novelty/],
  [
    "an unknown kind of item",
    (places) => change(places, "INSERT INTO item VALUES ('T#default#novelty', 'a', 1, '{}', NULL, NULL, NULL)"),
    /kind that this release does not know: T#default#novelty/,
  ],
  ["a broken log", (places) => change(places, "DELETE FROM item WHERE sk = 'E#000000000004'"), /broken at event 5/],
  [
    "a journal that lacks what the store has",
    ({ signer }) => truncateSync(join(signer, "journal"), 10_000),
    /signatures that the signer's journal does not have/,
  ],
  ["no journal", ({ signer }) => rmSync(join(signer, "journal")), /journal cannot be read/],
  ["no store", ({ host }) => rmSync(join(host, "store.db")), /store .* cannot be read/],
])("no backup is made of %s, and none is left", (_, damage, message) => {
  using damaged = installation();
  damage(damaged.places);
  expect(() => createBackup(damaged.places, join(damaged.directory, "b"), here.key, "0")).toThrow(message);
  expect(readdirSync(damaged.directory).toSorted()).toEqual(["data", "kek"]);
});
