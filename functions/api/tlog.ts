/**
 * The tenant's log as C2SP tlog-tiles has it, for tools that know that layout: `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
 * `tile/entries/<N>[.p/<W>]`. No operation of the contract: the bodies are not JSON and the paths are the standard's.
 */
import { createCheckpoints } from "#events/checkpoints/checkpoints";
import { readTile } from "#events/checkpoints/tree";
import type { Answer } from "#shared/http/answer";
import { Failure, isFailure } from "#shared/kernel/failure";
import { parseTilePath, type Tile, tileWidth } from "#shared/tlog/tile";
import type { BoundDeps } from "../function.ts";
import { admit } from "./serve-operation.ts";

/** @param path below the log's prefix, as it was asked for */
export async function serveTlog(deps: BoundDeps, request: Request, path: string): Promise<Answer> {
  const { tenant } = (await admit(deps, request, "audit:read")).principal;
  return deps.pool.run(async () => {
    const checkpoints = createCheckpoints(deps);
    const newest = await checkpoints.newest(tenant);
    if (newest === undefined) throw new Failure("not_found", "there is no checkpoint yet");
    if (path === "checkpoint") return respond(new TextEncoder().encode(newest.note), "text/plain; charset=utf-8");
    const tile = parseTilePath(path);
    if (tile === undefined || tile.width > widthAt(tile, newest.size))
      throw new Failure("not_found", `a log of ${newest.size} events has no ${path.slice(0, 100)}`);
    try {
      return respond(await readTile(deps.blob, tenant, tile), "application/octet-stream");
    } catch (error) {
      if (!isFailure(error, "unavailable")) throw error;
      await checkpoints.rebuildTiles(tenant);
      return respond(await readTile(deps.blob, tenant, tile), "application/octet-stream");
    }
  }, tenant);
}

/** Hashes of that place in a tree of `size`; 0 and less where it has none. */
function widthAt({ level, index }: Tile, size: number): number {
  const hashes = Math.floor(size / (level === "entries" ? 1 : tileWidth ** level));
  return Math.min(tileWidth, hashes - index * tileWidth);
}

const respond = (bytes: Uint8Array, type: string): Answer => ({
  status: 200,
  headers: { "content-type": type, "cache-control": "no-store" },
  body: new Uint8Array(bytes),
});
