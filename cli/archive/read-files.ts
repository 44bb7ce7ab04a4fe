/** The files of an export as they lie there. */
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { utf8Text } from "#shared/kernel/bytes";
import { UsageError } from "../failures.ts";

/** Paths below the directory, with `/`, sorted. @throws UsageError when it cannot be read */
export async function filesBelow(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .sort();
  } catch (error) {
    throw new UsageError(`${directory}: ${(error as Error).message}`, { cause: error });
  }
}

/** @returns undefined for bytes that are no UTF-8 */
export async function textOf(directory: string, name: string): Promise<string | undefined> {
  return decoded(await readFile(join(directory, name)));
}

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8Text(bytes);
  } catch {
    return undefined;
  }
};

const lineFeed = 0x0a;

/** Lines with their line feed, the last one as it is; undefined for one that is no UTF-8. */
export async function* linesOf(directory: string, name: string): AsyncGenerator<string | undefined> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of createReadStream(join(directory, name), {
    highWaterMark: 1 << 20,
  }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let feed = bytes.indexOf(lineFeed, rest.length); feed !== -1; feed = bytes.indexOf(lineFeed, at)) {
      yield decoded(bytes.subarray(at, feed + 1));
      at = feed + 1;
    }
    rest = bytes.subarray(at);
  }
  if (rest.length > 0) yield decoded(rest);
}
