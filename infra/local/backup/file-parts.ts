import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { Failure } from "#shared/kernel/failure";

const partBytes = 64 * 1024;
const lineFeed = 0x0a;

/** The bytes of a file, part by part. */
export function* partsOf(path: string, length = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    for (let at = 0; at < length; ) {
      const part = new Uint8Array(Math.min(partBytes, length - at));
      const got = readSync(file, part, 0, part.length, at);
      if (got === 0) break;
      yield part.subarray(0, got);
      at += got;
    }
  } finally {
    closeSync(file);
  }
}

/**
 * A file of lines that another process appends to, as far as it reaches at this moment, without a last line that is being
 * written.
 * @throws Failure `misconfigured` when it is not there
 */
export function wholeLines(path: string): Generator<Uint8Array> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw new Failure("misconfigured", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    let end = fstatSync(file).size;
    const part = new Uint8Array(partBytes);
    while (end > 0) {
      const start = Math.max(0, end - partBytes);
      const got = readSync(file, part, 0, end - start, start);
      const feed = part.subarray(0, got).lastIndexOf(lineFeed);
      if (feed !== -1) return partsOf(path, start + feed + 1);
      end = start;
    }
    return partsOf(path, 0);
  } finally {
    closeSync(file);
  }
}
