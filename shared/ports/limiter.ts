/** Token buckets (I8). */
export type Permit = { readonly ok: true } | { readonly ok: false; readonly retryAfter: number };

export interface Bucket {
  /** Tokens in a full one: the largest burst. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Whole tokens that are in it now. */
  readonly left: number;
  /** Refusals, the newest at most an hour ago and none an hour after the one before; 0 when there were none. */
  readonly refused: number;
  /** Of the newest of them, milliseconds since 1970. */
  readonly refusedAt: number | undefined;
}

export interface Limiter {
  /**
   * Takes one token from the bucket of `key`. Buckets of different keys never touch each other.
   * `retryAfter`: whole seconds, at least 1. Idle buckets are forgotten; forgetting only ever refills.
   */
  take(key: string): Permit;
  /** Takes nothing. What it says is of this process alone, and starts anew with it. */
  look(key: string): Bucket;
}
