import type { Clock } from "#shared/ports/clock";
import type { Bucket as Seen, Limiter } from "#shared/ports/limiter";

export interface TokenBuckets {
  /** Tokens in a full bucket: the largest burst. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  readonly clock: Clock;
  /** Above this many keys at once the bucket that was touched longest ago is forgotten. */
  readonly maxBuckets: number;
}

interface Bucket {
  tokens: number;
  /** When `tokens` was true, milliseconds. */
  at: number;
}

interface Refusals {
  readonly count: number;
  /** Of the newest, milliseconds. */
  readonly at: number;
}

const refusalsKeptMs = 3_600_000;

/** Token buckets in memory: full at first, refilled with time, at most `maxBuckets` of them. */
export function tokenBuckets({ capacity, refillPerSecond, clock, maxBuckets }: TokenBuckets): Limiter {
  for (const [name, value] of Object.entries({ capacity, refillPerSecond, maxBuckets })) {
    if (!Number.isFinite(value) || value <= 0) throw new TypeError(`limiter: ${name} must be above 0, got ${value}`);
  }
  if (capacity < 1) throw new TypeError(`limiter: capacity must be at least 1, got ${capacity}`);
  // In order of last touch, so that the first is the next to be forgotten.
  const buckets = new Map<string, Bucket>();
  const refusals = new Map<string, Refusals>();

  const tokensNow = (bucket: Bucket, now: number): number =>
    // A clock that jumped back neither refills nor empties.
    Math.min(capacity, bucket.tokens + (Math.max(0, now - bucket.at) * refillPerSecond) / 1000);

  function forgetOldest(now: number): void {
    const oldest = buckets.entries().next().value;
    if (oldest === undefined) return;
    const [key, bucket] = oldest;
    if (buckets.size > maxBuckets || tokensNow(bucket, now) >= capacity) buckets.delete(key);
  }

  const refusalsOf = (key: string, now: number): Refusals | undefined => {
    const found = refusals.get(key);
    return found === undefined || now - found.at >= refusalsKeptMs ? undefined : found;
  };

  function noteRefusal(key: string, now: number): void {
    const count = (refusalsOf(key, now)?.count ?? 0) + 1;
    refusals.delete(key);
    refusals.set(key, { count, at: now });
    const [oldest] = refusals.keys();
    if (oldest !== undefined && refusals.size > maxBuckets) refusals.delete(oldest);
  }

  return {
    take(key) {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: capacity, at: now };
      bucket.tokens = tokensNow(bucket, now);
      bucket.at = now;
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      buckets.delete(key);
      buckets.set(key, bucket);
      // One goes for each one that comes, a second one so that idle ones shrink the map again.
      forgetOldest(now);
      forgetOldest(now);
      if (allowed) return { ok: true };
      noteRefusal(key, now);
      return { ok: false, retryAfter: Math.max(1, Math.ceil((1 - bucket.tokens) / refillPerSecond)) };
    },
    look(key): Seen {
      const now = clock.now();
      const bucket = buckets.get(key);
      const left = Math.floor(bucket === undefined ? capacity : tokensNow(bucket, now));
      const { count = 0, at } = refusalsOf(key, now) ?? {};
      return { capacity, refillPerSecond, left, refused: count, refusedAt: at };
    },
  };
}
