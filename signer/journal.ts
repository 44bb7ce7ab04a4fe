/**
 * The signer's own journal: one append-only, hash-chained file of lines, synced in groups. A record is durable before the
 * answer that it is about leaves. What a crash or a power cut tore in the last group was never answered and is cut off; any
 * other damage stops the start.
 */
import {
  closeSync,
  createReadStream,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  write,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure, isFailure } from "#shared/kernel/failure";
import type { JournalRecord } from "#shared/ports/signer";
import { makeDirectoryDurably, syncDirectory } from "./durable-file.ts";
import { type Entry, type Line, readLine } from "./journal-entry.ts";

export type { Entry } from "./journal-entry.ts";

export interface Place {
  readonly n: number;
  readonly offset: number;
  readonly length: number;
}

/** A record, and with it all before it. */
export interface JournalMark {
  /** How many records there are. */
  readonly n: number;
  /** Its own end and its beginning, bytes. */
  readonly end: number;
  readonly offset: number;
  readonly hash: string;
  /** Hash of the record before it. */
  readonly previous: string;
  /** Of one record in `stride`. */
  readonly offsets: readonly number[];
}

export interface Journal {
  /** The last record, when everything that was appended is on the disk; undefined while there is none. */
  mark(): Promise<JournalMark | undefined>;
  readonly count: () => number;
  /** Set after a write error. */
  broken(): Failure | undefined;
  /** Resolves when the entry is on the disk. After a write error every later call fails: the process must end. */
  append(entry: Entry): Promise<Place>;
  /** The entry that begins there. @throws Failure `unavailable` when it is not on the disk yet */
  readAt(offset: number): Promise<Entry>;
  /** Records with `n` above `after` that `wanted` accepts, ascending; fewer than `limit` when they are large. */
  scan(after: number, limit: number, wanted: (entry: Entry) => boolean): Promise<JournalRecord[]>;
  close(): Promise<void>;
}

export const hashLength = 64;
const lineFeed = 0x0a;
/** One offset is kept for so many records, to start a scan near its place. */
const stride = 256;
/** What one `scan` gives, in bytes on the disk; a single record may have more. */
const maxScanBytes = 4_000_000;
/** One read holds most records. */
const usualLine = 8_192;

/** How the JSON of a record ends that begins a group. */
const begins = '"first":true}';

export const linkHash = (previous: string, json: string): string =>
  sha256Hex(`trstctl/journal/1\n${previous}\n${json}`);

const writeAt = promisify(write);
const sync = promisify(fdatasync);

export interface JournalOptions {
  /** Called once after a write error, when those who waited have heard. */
  readonly onBroken?: (() => void) | undefined;
  /** Called when so many bytes at the end were cut off. */
  readonly onTorn?: ((bytes: number) => void) | undefined;
  /** What is known already: the record itself is looked at, those before it are not. */
  readonly from?: JournalMark | undefined;
}

/**
 * Opens or makes the file and hands every record behind `from` to `onRecord`, in order.
 * @throws Failure `corrupt`
 */
export async function openJournal(
  path: string,
  onRecord: (entry: Entry, place: Place) => void,
  { onBroken = () => undefined, onTorn = () => undefined, from }: JournalOptions = {},
): Promise<Journal> {
  makeDirectoryDurably(dirname(path));
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isFile() || (stat.mode & 0o077) !== 0)) {
    throw new Failure(
      "misconfigured",
      `journal ${path} must be a regular file of mode 0600; chmod 600 it after finding out who changed it`,
    );
  }
  const file = openSync(path, stat === undefined ? "wx+" : "r+", 0o600);
  if (stat === undefined) syncDirectory(dirname(path));

  const offsets: number[] = [...(from?.offsets ?? [])];
  let hash = from?.hash ?? "";
  /** Of the record before the last. */
  let previous = from?.previous ?? "";
  let last = from?.offset ?? 0;
  let count = from?.n ?? 0;
  let end = from?.end ?? 0;
  /** What is on the disk: behind it stands what is being written, perhaps in part. */
  let durable = 0;
  const remember = (offset: number, length: number): Place => {
    if (count % stride === 0) offsets.push(offset);
    count++;
    last = offset;
    end = offset + length;
    return { n: count, offset, length };
  };

  const damaged = (n: number, offset: number, cause?: Failure): Failure => {
    closeSync(file);
    return new Failure(
      "corrupt",
      `journal ${path} is damaged at record ${n} (byte ${offset})${cause === undefined ? "" : `: ${cause.message}`}; restore it from a backup, and treat the keys as suspect`,
      { cause },
    );
  };

  const size = fstatSync(file).size;
  if (from !== undefined && !(await holds(path, from))) {
    closeSync(file);
    throw new Failure(
      "corrupt",
      `journal ${path} has not the ${from.n} records that the signer remembers; restore it from a backup. If it was replaced on purpose, remove what the signer remembers (${rememberedBeside(path)})`,
    );
  }
  /** Where the last group that was begun stands. */
  let group = from?.end;
  for await (const { line, offset, length } of lines(path, end)) {
    const torn = offset + length > size; // no line feed
    // Cut in the middle it was never answered; whole but for its line feed, somebody changed that.
    const json = line.slice(hashLength, torn ? -1 : undefined);
    const expected = linkHash(hash, json);
    const whole = line.slice(0, hashLength) === expected;
    if (torn && !whole) break;
    const n = count + 1;
    if (torn) throw damaged(n, offset);
    if (!whole) {
      // A record that is whole and does not fit was put there. A write of several may have reached the disk in any
      // order: what was synced before it began must be whole, the rest need not.
      group = (await lastGroup(path, offset)) ?? group;
      if (parsed(line) !== undefined || group === undefined || offset < group) throw damaged(n, offset);
      break;
    }
    previous = hash;
    hash = expected;
    try {
      const { first, ...entry } = readLine(json);
      if (first === true) group = offset;
      onRecord(entry, remember(offset, length));
    } catch (cause) {
      // Whoever has the file can make the hashes fit: what does not say what a record says was written by somebody else.
      throw isFailure(cause) ? damaged(n, offset, cause) : cause;
    }
  }
  if (end < size) {
    onTorn(size - end);
    ftruncateSync(file, end);
  }
  // What was whole but not synced when the last process ended is answered from now on.
  fdatasyncSync(file);
  durable = end;

  interface Queued {
    readonly text: string;
    readonly place: Place;
    readonly resolve: (place: Place) => void;
    readonly reject: (error: unknown) => void;
  }
  let queue: Queued[] = [];
  let flushing: Promise<void> | undefined;
  let broken: Failure | undefined;

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const group = queue;
      queue = [];
      try {
        if (broken !== undefined) throw broken;
        const bytes = Buffer.from(group.map(({ text }) => text).join(""));
        const start = group[0]?.place.offset ?? 0;
        for (let at = 0; at < bytes.length; )
          at += (await writeAt(file, bytes, at, bytes.length - at, start + at)).bytesWritten;
        await sync(file);
        durable = start + bytes.length;
        for (const { resolve, place } of group) resolve(place);
      } catch (error) {
        const first = broken === undefined;
        broken ??= new Failure("unavailable", "the signer's journal cannot be written; free space and restart", {
          cause: error,
        });
        for (const { reject } of group) reject(broken);
        if (first) setImmediate(onBroken);
      }
    }
    flushing = undefined;
  }

  return {
    append(entry) {
      if (broken !== undefined) return Promise.reject(broken);
      const json = JSON.stringify(queue.length === 0 ? { ...entry, first: true } : entry);
      previous = hash;
      hash = linkHash(hash, json);
      const text = `${hash}${json}\n`;
      const place = remember(end, Buffer.byteLength(text));
      return new Promise((resolve, reject) => {
        queue.push({ text, place, resolve, reject });
        flushing ??= Promise.resolve().then(flush);
      });
    },

    broken: () => broken,

    count: () => count,

    async mark() {
      while (flushing !== undefined) await flushing;
      if (broken !== undefined || durable !== end || count === 0) return undefined;
      return { n: count, end, offset: last, hash, previous, offsets: [...offsets] };
    },

    async readAt(offset) {
      if (offset >= durable) throw new Failure("unavailable", "the record is not on the disk yet; try again");
      for await (const { line } of lines(path, offset, usualLine)) return JSON.parse(line.slice(hashLength)) as Entry;
      throw new Failure("corrupt", `journal ${path} has lost its end`);
    },

    async scan(after, limit, wanted) {
      await flushing;
      const found: JournalRecord[] = [];
      let n = Math.floor(after / stride) * stride;
      const start = offsets[n / stride];
      if (start === undefined) return found;
      const stop = durable;
      let bytes = 0;
      for await (const { line, offset, length } of lines(path, start)) {
        if (offset + length > stop) break;
        n++;
        if (n <= after) continue;
        const entry = JSON.parse(line.slice(hashLength)) as Line;
        if (!wanted(entry)) continue;
        bytes += length;
        if (bytes > maxScanBytes && found.length > 0) break;
        const { spec: _spec, spki: _spki, first: _first, ...visible } = entry;
        found.push({ ...visible, n, hash: line.slice(0, hashLength) });
        if (found.length >= limit) break;
      }
      return found;
    },

    async close() {
      await flushing;
      closeSync(file);
    },
  };
}

/** Beside the journal (see `remembered.ts`). */
export const rememberedBeside = (journal: string): string => `${journal}.remembered`;

async function holds(path: string, { end, offset, hash, previous }: JournalMark): Promise<boolean> {
  for await (const { line, length } of lines(path, offset, usualLine))
    return (
      offset + length === end &&
      line.slice(0, hashLength) === hash &&
      linkHash(previous, line.slice(hashLength)) === hash
    );
  return false;
}

/** Where the last line from `start` on that begins a group stands, whatever else is damaged. */
async function lastGroup(path: string, start: number): Promise<number | undefined> {
  let found: number | undefined;
  for await (const { line, offset } of lines(path, start)) {
    // Two in what looks like one line: the line feed between them is damaged.
    if (line.split(begins).length > 2) found = offset + 1;
    else if (parsed(line)?.first === true) found = offset;
  }
  return found;
}

/** Undefined for what is no whole line, whatever its hash says. */
function parsed(line: string): Line | undefined {
  if (!/^[0-9a-f]{64}\{/.test(line)) return undefined;
  try {
    return JSON.parse(line.slice(hashLength)) as Line;
  } catch {
    return undefined;
  }
}

/**
 * Lines with their place in bytes; the line feed counts to the length, also where a torn last line has none. Nothing else
 * ends a line: JSON text may hold what other readers of lines break at (U+2028, U+2029).
 */
async function* lines(
  path: string,
  start: number,
  readBytes = 1 << 20,
): AsyncGenerator<{ line: string; offset: number; length: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = start;
  for await (const chunk of createReadStream(path, { start, highWaterMark: readBytes }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let feed = bytes.indexOf(lineFeed, rest.length); feed !== -1; feed = bytes.indexOf(lineFeed, at)) {
      const length = feed + 1 - at;
      yield { line: bytes.toString("utf8", at, feed), offset, length };
      offset += length;
      at = feed + 1;
    }
    rest = bytes.subarray(at);
  }
  if (rest.length > 0) yield { line: rest.toString("utf8"), offset, length: rest.length + 1 };
}
