/** The revocation distribution as it is configured: viewer function, cache, bucket, and the function where the bucket has nothing. */
import type { Fetches } from "#shared/http/known-methods";
import type { PublicObject, PublicObjects } from "#shared/ports/public-objects";
import { openViewer } from "./viewer.ts";

export interface Bucket extends PublicObjects {
  readonly held: Map<string, PublicObject>;
  /** Called before a write; what it throws comes instead of it. */
  before: () => Promise<void>;
  /** Called after a write; what it throws comes although it was done. */
  after: () => Promise<void>;
}

export function openBucket(): Bucket {
  const held = new Map<string, PublicObject>();
  const calm = () => Promise.resolve();
  const bucket: Bucket = {
    held,
    before: calm,
    after: calm,
    async put(key, object) {
      await bucket.before();
      held.set(key, object);
      await bucket.after();
    },
    async delete(keys) {
      await bucket.before();
      for (const key of keys) held.delete(key);
    },
  };
  return bucket;
}

export interface Seen {
  readonly status: number;
  readonly body: Uint8Array;
  readonly from: "cache" | "bucket" | "function";
}

interface Cached {
  readonly body: Uint8Array;
  readonly untilMs: number;
}

/** @param skewMs what the edge's own clock is ahead of the true one */
export function openEdge(origin: Fetches, bucket: Bucket, now: () => number, skewMs = 0) {
  const viewer = openViewer(() => now() + skewMs);
  const cache = new Map<string, Cached>();

  const keep = (uri: string, body: Uint8Array, cacheControl: string): void => {
    const [, seconds] = /max-age=(\d+)/.exec(cacheControl) ?? [];
    if (seconds !== undefined) cache.set(uri, { body, untilMs: now() + Number(seconds) * 1000 });
  };

  return async (path: string): Promise<Seen> => {
    const uri = viewer({ method: "GET", uri: path });
    const cached = cache.get(uri);
    if (cached !== undefined && cached.untilMs > now()) return { status: 200, body: cached.body, from: "cache" };
    const object = bucket.held.get(uri.slice(1));
    if (object !== undefined) {
      keep(uri, object.bytes, object.cacheControl);
      return { status: 200, body: object.bytes, from: "bucket" };
    }
    const response = await origin.fetch(new Request(`http://status.example.test${uri}`));
    const body = new Uint8Array(await response.arrayBuffer());
    if (response.ok) keep(uri, body, response.headers.get("cache-control") ?? "");
    return { status: response.status, body, from: "function" };
  };
}
