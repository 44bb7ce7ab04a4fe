/** Writes events of the host's log into a directory from which they can be verified without the host. */
import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type * as z from "zod";
import {
  archiveFormat,
  checkpointFile,
  eventsFile,
  formatLine,
  formatManifest,
  type Manifest,
  manifestFile,
  newestFile,
} from "#events/checkpoints/archive";
import { checkpointOperations } from "#shared/contracts/api/checkpoints";
import { Failure } from "#shared/kernel/failure";
import type { ChainLink } from "#shared/ports/event-log";
import { growTree } from "#shared/tlog/growing-tree";
import { tilePath } from "#shared/tlog/tile";
import { type Api, pagesOf } from "../api-client.ts";
import { UsageError } from "../failures.ts";

/** What the part begins at: nothing, for a whole log. */
export interface Start {
  readonly size: number;
  readonly frontier: readonly string[];
  readonly heads: readonly { readonly lane: number; readonly sequence: number; readonly hash: string }[];
}

export const fromTheBeginning: Start = { size: 0, frontier: [], heads: [] };

export interface Written {
  readonly tenant: string;
  readonly first: number;
  /** Events up to here are in it. */
  readonly size: number;
  readonly checkpoints: number;
}

type Checkpoint = z.output<typeof checkpointOperations.make.response>;

const understood = <T extends z.ZodType>(schema: T, answer: unknown): z.output<T> => {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Failure(
    "malformed",
    "the host's answer is not what this CLI knows: use the CLI of the same version as the host",
  );
};

/**
 * @param last size of the checkpoint to end at; default the newest
 * @throws UsageError when the directory holds something already
 */
export async function writeArchive(api: Api, directory: string, start: Start, last?: number): Promise<Written> {
  await emptyDirectory(directory);
  const checkpoints = await checkpointsBetween(api, start.size, last);
  const newest = checkpoints[0];
  if (newest === undefined)
    throw new Failure(
      "unprocessable",
      "there is no checkpoint to export up to; make one with `trstctl audit checkpoint`",
    );
  for (const { size, note } of checkpoints) await put(directory, checkpointFile(size), note);
  await put(directory, newestFile, newest.note);
  const { origin } = understood(checkpointOperations.key.response, await api({ method: "GET", path: "/audit/key" }));
  const tenant = origin.split("/")[1] ?? "";
  const lanes = await writeEvents(api, directory, start.size, newest.size);
  const manifest: Manifest = {
    format: archiveFormat,
    tenant,
    first: start.size,
    frontier: [...start.frontier],
    lanes: start.size === 0 ? [] : start.heads.filter(({ lane }) => lanes.has(lane)),
  };
  await put(directory, manifestFile, formatManifest(manifest));
  return { tenant, first: start.size, size: newest.size, checkpoints: checkpoints.length };
}

/** Newest first. */
async function checkpointsBetween(api: Api, first: number, last = Number.POSITIVE_INFINITY): Promise<Checkpoint[]> {
  const { method, path, response } = checkpointOperations.list;
  const found: Checkpoint[] = [];
  for await (const page of pagesOf(api, { method, path, query: { limit: "100" } })) {
    const { items } = understood(response, page);
    found.push(...items.filter(({ size }) => size > first && size <= last));
    if (items.some(({ size }) => size <= first)) break;
  }
  return found;
}

/** @returns the lanes that have events in it */
async function writeEvents(api: Api, directory: string, first: number, size: number): Promise<ReadonlySet<number>> {
  const { method, path, response } = checkpointOperations.entries;
  const lanes = new Set<number>();
  const tree =
    first === 0
      ? growTree(
          {
            read: () => Promise.reject(new TypeError("a tree from nothing reads no tile")),
            write: (tile, bytes) => put(directory, tilePath(tile), bytes),
          },
          0,
        )
      : undefined;
  const file = await open(join(directory, eventsFile), "wx", 0o600);
  let next = first;
  try {
    pages: for await (const page of pagesOf(api, { method, path, query: { limit: "1000", from: String(first) } })) {
      for (const { index, lane, sequence, hash, sha256, event } of understood(response, page).items) {
        if (next === size) break pages;
        if (index !== next)
          throw new Failure("corrupt", `the host gave event ${index} of the tree in place of ${next}`);
        const link: ChainLink = { lane, seq: sequence, hash, sha256, ...(event !== null && { event }) };
        await file.write(formatLine(link));
        await tree?.append(link);
        lanes.add(lane);
        next++;
      }
      if (next === size) break;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await tree?.finish();
  return lanes;
}

async function emptyDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if ((await readdir(directory)).length === 0) return;
  } catch (error) {
    throw new UsageError(`${directory}: ${(error as Error).message}`, { cause: error });
  }
  throw new UsageError(`${directory} is not empty: an export gets a directory of its own`);
}

async function put(directory: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode: 0o600, flush: true });
}
