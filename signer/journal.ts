/**
 * The signer's own journal: one append-only, hash-chained file of lines, synced in groups. A record is durable before the
 * answer that it is about leaves. A torn last line was never answered and is cut off; any other damage stops the start.
 */
import { closeSync, createReadStream, fdatasync, fstatSync, ftruncateSync, lstatSync, openSync, write } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { sha256Hex } from "#shared/crypto/hash";
import { Failure } from "#shared/kernel/failure";
import type { JournalRecord, KeySpec } from "#shared/ports/signer";
import { makeDirectoryDurably, syncDirectory } from "./durable-file.ts";

/** What a record holds beside what the reconciler sees. */
export interface Entry extends Omit<JournalRecord, "n" | "hash"> {
  readonly requestHash?: string;
  readonly profile?: string;
  /** `generate`: the key and its SubjectPublicKeyInfo, base64. */
  readonly spec?: KeySpec;
  readonly spki?: string;
}

export interface Place {
  readonly n: number;
  readonly offset: number;
  readonly length: number;
}

export interface Journal {
  /** Set after a write error. */
  broken(): Failure | undefined;
  /** Resolves when the entry is on the disk. After a write error every later call fails: the process must end. */
  append(entry: Entry): Promise<Place>;
  readAt(place: Pick<Place, "offset" | "length">): Promise<Entry & JournalRecord>;
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

export const linkHash = (previous: string, json: string): string =>
  sha256Hex(`trstctl/journal/1\n${previous}\n${json}`);

const writeAt = promisify(write);
const sync = promisify(fdatasync);

/**
 * Opens or makes the file and hands every record to `onRecord`, in order.
 * @param onBroken called once after a write error, when those who waited have heard
 * @throws Failure `corrupt`
 */
export async function openJournal(
  path: string,
  onRecord: (entry: Entry, place: Place) => void,
  onBroken: () => void = () => undefined,
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

  const offsets: number[] = [];
  let hash = "";
  let count = 0;
  let end = 0;
  /** What is on the disk: behind it stands what is being written, perhaps in part. */
  let durable = 0;
  const remember = (offset: number, length: number): Place => {
    if (count % stride === 0) offsets.push(offset);
    count++;
    end = offset + length;
    return { n: count, offset, length };
  };

  const size = fstatSync(file).size;
  for await (const { line, offset, length } of lines(path, 0)) {
    const torn = offset + length > size; // no line feed
    // Cut in the middle it was never answered; whole but for its line feed, somebody changed that.
    const json = line.slice(hashLength, torn ? -1 : undefined);
    const expected = linkHash(hash, json);
    const whole = line.slice(0, hashLength) === expected;
    if (torn && !whole) break;
    if (torn || !whole) {
      closeSync(file);
      throw new Failure(
        "corrupt",
        `journal ${path} is damaged at record ${count + 1} (byte ${offset}); restore it from a backup, and treat the keys as suspect`,
      );
    }
    hash = expected;
    onRecord(JSON.parse(json) as Entry, remember(offset, length));
  }
  if (end < size) ftruncateSync(file, end);
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
      const json = JSON.stringify(entry);
      hash = linkHash(hash, json);
      const text = `${hash}${json}\n`;
      const place = remember(end, Buffer.byteLength(text));
      return new Promise((resolve, reject) => {
        queue.push({ text, place, resolve, reject });
        flushing ??= Promise.resolve().then(flush);
      });
    },

    broken: () => broken,

    async readAt({ offset, length }) {
      if (offset + length > durable) throw new Failure("unavailable", "the record is not on the disk yet; try again");
      const handle = await open(path, "r");
      try {
        const bytes = Buffer.alloc(length);
        const { bytesRead } = await handle.read(bytes, 0, length, offset);
        if (bytesRead !== length) throw new Failure("corrupt", `journal ${path} has lost its end`);
        const line = bytes.toString("utf8");
        return { ...(JSON.parse(line.slice(hashLength)) as Entry), hash: line.slice(0, hashLength), n: 0 };
      } finally {
        await handle.close();
      }
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
        const entry = JSON.parse(line.slice(hashLength)) as Entry;
        if (!wanted(entry)) continue;
        bytes += length;
        if (bytes > maxScanBytes && found.length > 0) break;
        const { spec: _spec, spki: _spki, ...visible } = entry;
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

/**
 * Lines with their place in bytes; the line feed counts to the length, also where a torn last line has none. Nothing else
 * ends a line: JSON text may hold what other readers of lines break at (U+2028, U+2029).
 */
async function* lines(path: string, start: number): AsyncGenerator<{ line: string; offset: number; length: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = start;
  for await (const chunk of createReadStream(path, { start, highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
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
