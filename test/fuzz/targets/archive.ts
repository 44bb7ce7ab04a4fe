/** What leaves the machine and comes back: checkpoints, tiles, audit archives, backups. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { formatLine, formatManifest, parseLine, parseManifest } from "#events/checkpoints/archive";
import { readBackupFile, writeBackupFile } from "#infra/local/backup/backup-file";
import { type BackupRecord, decodeRecords, encodeRecord } from "#infra/local/backup/records";
import { concat, utf8 } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { formatCheckpoint, parseCheckpoint } from "#shared/tlog/checkpoint";
import { decodeTreeEntry, encodeTreeEntry } from "#shared/tlog/entry";
import { formatNote, formatVerifierKey, noteSignature, parseNote, parseVerifierKey } from "#shared/tlog/signed-note";
import { decodeEntries, encodeEntry, parseTilePath, tilePath } from "#shared/tlog/tile";
import { scratch } from "../scratch.ts";
import { holds, same, type Target } from "../target.ts";

const textOf = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

/** Each reader of these is exact: what it accepts it writes again to the same text. */
function exact<T>(parse: (text: string) => T, format: (value: T) => string): (text: string) => void {
  return (text) => {
    let value: T;
    try {
      value = parse(text);
    } catch (error) {
      if (isFailure(error, "malformed")) return;
      throw error;
    }
    holds(format(value) === text, `another text is written: ${format(value).slice(0, 200)}`);
  };
}

const key = { name: "trstctl/acme/0123456789abcdef", publicKey: new Uint8Array(32).fill(5) };
const checkpoint = formatCheckpoint({ origin: key.name, size: 1234, root: new Uint8Array(32).fill(6) });
const noteTexts = [
  exact(parseNote, formatNote),
  exact(parseCheckpoint, formatCheckpoint),
  exact(parseVerifierKey, formatVerifierKey),
];

export const note: Target = {
  run(input) {
    for (const read of noteTexts) read(textOf(input));
  },
  refusals: [],
  seeds: () =>
    [
      formatNote({ text: checkpoint, signatures: [noteSignature(key, new Uint8Array(64))] }),
      checkpoint,
      formatVerifierKey(key),
    ].map(utf8),
  dictionary: ["\u2014 ", "\n\n", "\n", " ", "+", "AQ==", "0", "-1", "1e3", "9007199254740993"],
};

export const tile: Target = {
  run(input) {
    const path = parseTilePath(textOf(input));
    if (path !== undefined) holds(tilePath(path) === textOf(input), "another path is written");
    const entry = decodeTreeEntry(input);
    if (entry !== undefined) same(encodeTreeEntry(entry), input, "entry");
    const entries = decodeEntries(input);
    if (entries !== undefined) same(concat(...entries.map(encodeEntry)), input, "entries");
  },
  refusals: [],
  seeds: () => [
    utf8("tile/0/x001/234.p/7"),
    utf8("tile/entries/000"),
    encodeTreeEntry({ lane: 0, seq: 7, hash: "a".repeat(64) }),
    concat(encodeEntry(utf8("abc")), encodeEntry(new Uint8Array(300))),
  ],
  dictionary: ["tile/", "entries", "x000/", "/000", ".p/", "trstctl/entry/1\n", "\n"],
};

const link = { lane: 0, seq: 7, hash: "a".repeat(64), sha256: "b".repeat(64) };

export const auditArchive: Target = {
  run(input) {
    const text = textOf(input);
    exact(parseManifest, formatManifest)(text);
    exact(parseLine, (line) => `${JSON.stringify(line)}\n`)(text);
  },
  refusals: [],
  format: "json",
  seeds: () =>
    [
      formatManifest({ format: "trstctl-audit/1", tenant: "acme", first: 0, frontier: ["AA=="], lanes: [] }),
      formatLine({ ...link, event: "{}" } as Parameters<typeof formatLine>[0]),
      formatLine(link as Parameters<typeof formatLine>[0]),
    ].map(utf8),
};

const records: readonly BackupRecord[] = [
  {
    kind: "manifest",
    value: {
      backup: "0190a0b0-0000-7000-8000-000000000001",
      installation: "0190a0b0-0000-7000-8000-000000000002",
      data_format: "trstctl-data/2",
      made_by: "0",
      taken_at: "2026-11-25T00:00:00.000Z",
    },
  },
  { kind: "item", value: ["T#acme#x", "-", 1, "{}", null, null, null] },
  { kind: "name", value: ["token", "a", "acme", "t", 7] },
  { kind: "file", value: { path: "a" } },
  { kind: "bytes", value: new Uint8Array(9) },
  { kind: "end", value: { items: 1, names: 1, files: 1, bytes: 9 } },
];

export const backupRecords: Target = {
  run(input) {
    const whole = [...decodeRecords([input])];
    const pieces = Array.from({ length: Math.ceil(input.length / 7) }, (_, i) => input.subarray(i * 7, i * 7 + 7));
    holds(isDeepStrictEqual([...decodeRecords(pieces)], whole), "in pieces it is read otherwise");
    const again = [...decodeRecords(whole.map(encodeRecord))];
    holds(isDeepStrictEqual(again, whole), "written again it is read otherwise");
  },
  refusals: ["corrupt"],
  maxBytes: 2_000,
  seeds: () => [concat(...records.map(encodeRecord)), ...records.map(encodeRecord)],
  dictionary: ["\0\0\0\u0002\u0001", "null", "[]", "{}", '"', "0", "1e999"],
};

const sealedUnder = (): SecretBytes => new SecretBytes(new Uint8Array(32).fill(3));
export const backupFile: Target = {
  run(input) {
    const path = join(scratch(), "backup");
    writeFileSync(path, input);
    for (const { kind } of readBackupFile(path, sealedUnder())) holds(kind.length > 0, "kind");
  },
  refusals: ["corrupt", "misconfigured"],
  seeds() {
    const path = join(scratch(), "seed");
    rmSync(path, { force: true });
    const writer = writeBackupFile(path, "0190a0b0-0000-7000-8000-000000000001", sealedUnder());
    for (const record of records) writer.write(record);
    writer.close();
    return [new Uint8Array(readFileSync(path))];
  },
  dictionary: ["trstctl-backup/1\n", "trstctl-backup/2\n", "\n", '"salt":"', '"key":"'],
};
