/** Token buckets (I8). */
export type Permit = { readonly ok: true } | { readonly ok: false; readonly retryAfter: number };

export interface Limiter {
  /**
   * Takes one token from the bucket of `key`. Buckets of different keys never touch each other.
   * `retryAfter`: whole seconds, at least 1. Idle buckets are forgotten; forgetting only ever refills.
   */
  take(key: string): Permit;
}
