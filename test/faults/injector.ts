/**
 * What goes wrong below the product: its wall clock, its disk, and what a power cut leaves of its files. A shared object in
 * front of libc (injector.c) does it in every process of the installation, so the product has no door for it.
 */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Random } from "./random.ts";

export interface Injector {
  /** For the environment of the installation's first process; it reaches the others by itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** How far the installation's clock runs ahead of ours, milliseconds. */
  setClock(ms: number): void;
  clock(): number;
  /** @param of the whole installation, or of the store alone: then the signer goes on signing */
  setDiskFull(of: "all" | "store" | "none"): void;
  /** Where each file of `data` was written and not synced, in bytes. */
  unsynced(data: string): readonly Unsynced[];
  /** Before a start: nothing has been written yet. */
  forget(): void;
  /** While other files of the same names are worked on. @returns puts back what was noted until now */
  aside(): () => void;
}

export interface Unsynced {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** Where it is written in any order: the pages within, by number. What lies between them was synced. */
  readonly pages?: readonly number[];
}

const pageBytes = 4096;

/** In the order of injector.c. */
const files = [join("host", "store.db"), join("host", "store.db-wal"), join("signer", "journal")];
const fullness = { none: 0, all: 1, store: 2 };
const clockAt = 0;
const fullAt = 8;
const rangesAt = 16;
const pagesAt = rangesAt + files.length * 16;
const pagesBytes = 32_768;
const controlBytes = pagesAt + pagesBytes;

/** @throws Error when there is no C compiler: without it these faults cannot be made, and nothing is skipped */
export function createInjector(directory: string): Injector {
  const object = join(directory, "injector.so");
  const source = fileURLToPath(new URL("./injector.c", import.meta.url));
  const built = spawnSync("cc", ["-O2", "-shared", "-fPIC", "-o", object, source, "-ldl"], { encoding: "utf8" });
  if (built.status !== 0)
    throw new Error(
      `test/faults/injector.c cannot be compiled: ${built.error?.message ?? built.stderr}\nInstall a C compiler (Debian: apt-get install gcc libc6-dev)`,
    );
  const path = join(directory, "control");
  writeFileSync(path, Buffer.alloc(controlBytes), { mode: 0o600 });
  const control = openSync(path, "r+");
  const set = (at: number, value: number): void => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(control, bytes, 0, 8, at);
  };
  const get = (at: number): number => {
    const bytes = Buffer.alloc(8);
    readSync(control, bytes, 0, 8, at);
    return Number(bytes.readBigInt64LE());
  };
  const forget = (): void => {
    files.forEach((_file, n) => set(rangesAt + n * 16, -1));
    writeSync(control, Buffer.alloc(pagesBytes), 0, pagesBytes, pagesAt);
  };
  const pages = (): number[] => {
    const bits = Buffer.alloc(pagesBytes);
    readSync(control, bits, 0, pagesBytes, pagesAt);
    return [...bits].flatMap((byte, at) =>
      [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) => (byte & (1 << n) ? at * 8 + n : [])),
    );
  };
  forget();
  return {
    environment: { LD_PRELOAD: object, FAULTS_CONTROL: path },
    setClock: (ms) => set(clockAt, Math.round(ms)),
    clock: () => get(clockAt),
    setDiskFull: (of) => set(fullAt, fullness[of]),
    unsynced: (data) =>
      files.flatMap((file, n) => {
        const from = get(rangesAt + n * 16);
        if (from < 0) return [];
        const range = { path: join(data, file), from, to: get(rangesAt + n * 16 + 8) };
        return [n === 0 ? { ...range, pages: pages() } : range];
      }),
    forget,
    aside() {
      const length = pagesAt + pagesBytes - rangesAt;
      const own = Buffer.alloc(length);
      readSync(control, own, 0, length, rangesAt);
      return () => void writeSync(control, own, 0, length, rangesAt);
    },
  };
}

/**
 * What the disk made of writes that were never synced: from some place on they are lost or garbled. Behind the end of what
 * is appended to there may be garbage as well.
 * @returns what was done, in words
 */
export function tear({ path, from, to, pages }: Unsynced, random: Random): string {
  const { size } = statSync(path);
  if (pages !== undefined) return garblePages(path, pages.slice(random.between(0, pages.length)), random);
  const start = random.between(from, Math.min(to, size));
  const file = openSync(path, "r+");
  try {
    // What is behind the range was synced before: a file is cut only where the range reaches its end.
    if (to >= size && random.chance(0.5)) {
      ftruncateSync(file, start);
      return `${path}: ${size - start} unsynced bytes lost`;
    }
    const garbage = Buffer.from(Array.from({ length: Math.min(to, size) - start }, () => random.between(0, 255)));
    writeSync(file, garbage, 0, garbage.length, start);
    return `${path}: ${garbage.length} unsynced bytes garbled`;
  } finally {
    closeSync(file);
  }
}

function garblePages(path: string, pages: readonly number[], random: Random): string {
  const file = openSync(path, "r+");
  try {
    for (const page of pages) {
      const garbage = Buffer.from(Array.from({ length: pageBytes }, () => random.between(0, 255)));
      writeSync(file, garbage, 0, pageBytes, page * pageBytes);
    }
    return `${path}: ${pages.length} unsynced pages garbled`;
  } finally {
    closeSync(file);
  }
}
