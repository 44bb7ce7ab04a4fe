/** A backup that is not exactly what was written is refused by name, before a byte is restored. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomBytes } from "#shared/crypto/random";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { type Kept, keptBackup } from "#test/backup/kept";
import type { BackupRecord } from "./records.ts";

let here: Kept;
beforeAll(() => {
  here = keptBackup();
});
afterAll(() => here[Symbol.dispose]());

type Records = readonly BackupRecord[];
type Change = (records: BackupRecord[]) => Records;

describe("refused, with nothing written, is a backup", () => {
  it("with any bit changed", async () => {
    const size = readFileSync(here.file).length;
    const place = fc.oneof(fc.nat(300), fc.nat(size - 1));
    await fc.assert(
      fc.asyncProperty(place, fc.nat(7), async (at, bit) => {
        const file = here.copy((bytes) => bytes.fill((bytes[at] ?? 0) ^ (1 << bit), at, at + 1));
        expect(await here.refusal(file)).toMatch(/damaged|not a backup of trstctl|has format|with backup key/);
      }),
      { numRuns: 80 },
    );
  });

  it("that was cut off anywhere", async () => {
    const size = readFileSync(here.file).length;
    const place = fc.oneof(fc.nat(300), fc.nat(size - 1), fc.constant(size - 1));
    await fc.assert(
      fc.asyncProperty(place, async (length) => {
        const file = here.copy((bytes) => bytes.subarray(0, length));
        expect(await here.refusal(file)).toMatch(/cut short|header is damaged|not a backup of trstctl/);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ["that is not there", () => here.refusal(join(here.directory, "nothing")), /cannot be opened/],
    ["that is something else", () => here.refusal(join(here.directory, "kek")), /is not a backup of trstctl/],
    [
      "of a later format",
      () => here.refusal(here.copy((bytes) => bytes.fill("7", "trstctl-backup/".length, "trstctl-backup/1".length))),
      /has format trstctl-backup\/7, this release reads trstctl-backup\/1/,
    ],
    [
      "with something appended",
      () => here.refusal(here.copy((bytes) => Buffer.concat([bytes, bytes.subarray(0, 10)]))),
      /appended|damaged/,
    ],
    [
      "under another backup key",
      () => here.refusal(here.file, { key: new SecretBytes(randomBytes(32)) }),
      /was made with backup key [0-9a-f]{16}, the one given is [0-9a-f]{16}/,
    ],
    [
      "whose keys are sealed under another KEK",
      () => here.refusal(here.file, { kek: new SecretBytes(randomBytes(32)) }),
      /sealed under another key encryption key \([0-9a-f]{16}, this one is [0-9a-f]{16}\)/,
    ],
    [
      "by a machine whose clock is behind it",
      () => here.refusal(here.file, { now: Date.now() - 86_400_000 }),
      /clock .* is behind the moment of the backup/,
    ],
  ])("%s", async (_, attempt, message) => {
    expect(await attempt()).toMatch(message);
  });
});

const lane = "T#default#L#0";
const sortKey = (seq: number): string => `E#${String(seq).padStart(12, "0")}`;
const isRow =
  (pk: string, sk: string) =>
  ({ kind, value }: BackupRecord): boolean =>
    kind === "item" && value[0] === pk && value[1] === sk;
const isEvent = (seq: number) => isRow(lane, sortKey(seq));

/** Counts again, so that only what was planted is wrong. */
function counted(records: Records): Records {
  const count = (kind: string): number => records.filter((record) => record.kind === kind).length;
  const bytes = records.reduce((sum, { kind, value }) => sum + (kind === "bytes" ? value.length : 0), 0);
  const value = { items: count("item"), names: count("name"), files: count("file"), bytes };
  return records.map((record) => (record.kind === "end" ? { kind: "end", value } : record));
}

const without =
  (unwanted: (record: BackupRecord) => boolean): Change =>
  (records) =>
    counted(records.filter((record) => !unwanted(record)));

/** Of one file, its bytes included. */
const withoutFile =
  (path: string): Change =>
  (records) => {
    let inside = false;
    return without((record) => {
      if (record.kind !== "bytes") inside = record.kind === "file" && record.value.path === path;
      return inside;
    })(records);
  };

const inserted =
  (more: BackupRecord): Change =>
  ([manifest, ...rest]) =>
    counted([manifest as BackupRecord, more, ...rest]);

const row = (pk: string): BackupRecord => ({ kind: "item", value: [pk, "a", 1, "{}", null, null, null] });
const file = (path: string): BackupRecord => ({ kind: "file", value: { path } });
const ownerRow = row("T#default#owner");

const changedEvent: Change = (records) =>
  records.map((record) => {
    if (record.kind !== "item" || !isEvent(9)(record)) return record;
    const [pk, sk, rev, body, ...rest] = record.value;
    return { kind: "item", value: [pk, sk, rev, body.replace('"type"', '"typo"'), ...rest] };
  });

const changedJournal =
  (change: (text: string) => string): Change =>
  (records) =>
    counted(
      records.map((record) => {
        const text = record.kind === "bytes" ? Buffer.from(record.value).toString("latin1") : "";
        return text.includes('"op":"sign"') ? { kind: "bytes", value: Buffer.from(change(text), "latin1") } : record;
      }),
    );

const renamedKey: Change = (records) =>
  records.map((record) =>
    record.kind === "file" && record.value.path.endsWith("default/root.json")
      ? file("signer/keys/default/other.json")
      : record,
  );

const laterData: Change = (records) =>
  records.map((record) =>
    record.kind === "manifest"
      ? { kind: "manifest", value: { ...record.value, data_format: "trstctl-data/99" } }
      : record,
  );

describe("refused, with nothing written, is a backup by the right key", () => {
  it.each<[string, Change, RegExp]>([
    ["without one event", without(isEvent(7)), /broken at event 8 of lane 0/],
    ["without the last event", without(isEvent(30)), /does not end where lane 0 says/],
    ["without a head", without(isRow(lane, "HEAD")), /has no head/],
    ["with a changed event", changedEvent, /broken at event 9/],
    [
      "whose journal ends too early",
      changedJournal((text) => text.slice(0, text.indexOf("\n", 15_000) + 1)),
      /events and checkpoints speak of signatures that the signer's journal does not have/,
    ],
    [
      "whose journal was changed",
      changedJournal((text) => text.replace('"op":"sign"', '"op":"sigh"')),
      /journal is damaged at record \d+/,
    ],
    ["whose journal is torn", changedJournal((text) => text.slice(0, -9)), /journal ends within a record/],
    ["without the journal", withoutFile("signer/journal"), /signatures that the signer's journal does not have/],
    [
      "without a key",
      withoutFile("signer/keys/default/root.json"),
      /default\/root is in the signer's journal, its key file is missing/,
    ],
    ["with one key for another", renamedKey, /other[.]json is that of default\/root/],
    ["with an item that no backup keeps", inserted(row("T#default#U#idempotency#x")), /does not keep.*T#default#U#/],
    ["with an item of an unknown kind", inserted(row("T#default#novelty")), /does not keep in backups: T#default#nov/],
    ["with a file that no backup keeps", inserted(file("cli/profile.json")), /does not belong.*cli\/profile[.]json/],
    ["with a file outside", inserted(file("host/blobs/a/crl/../../../../x@")), /does not belong into a backup/],
    ["with a file twice", inserted(file("host/host.key")), /does not belong into a backup: host\/host[.]key/],
    ["with bytes of no file", inserted({ kind: "bytes", value: new Uint8Array(1) }), /bytes of no file/],
    [
      "that counts wrong",
      (records) => records.filter(({ kind }) => kind !== "name"),
      /not hold what it says at its end/,
    ],
    ["without an end", (records) => records.slice(0, -1), /has no end/],
    ["with records after its end", (records) => [...records, ownerRow], /records after its end/],
    ["without a beginning", (records) => records.slice(1), /manifest is not its beginning/],
    ["of a later data format", laterData, /format trstctl-data\/99, this release reads/],
  ])("%s", async (_, change, message) => {
    expect(await here.refusal(here.rewritten(change))).toMatch(message);
  });
});
