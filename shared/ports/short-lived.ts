/**
 * What is remembered between two messages: nonces, transactions, browser sessions. Every process sees it; a restore loses it, so
 * nothing rests on it that could not begin again.
 */
export interface ShortLived {
  /**
   * Durable when it returns.
   * @param ttlMs after which it is gone
   * @returns false when the name is taken, and then changes nothing
   */
  put(tenant: string, name: string, body: string, ttlMs: number): Promise<boolean>;
  /** Gives it another body and a new end. @returns false when it is gone, and then changes nothing */
  replace(tenant: string, name: string, body: string, ttlMs: number): Promise<boolean>;
  get(tenant: string, name: string): Promise<string | undefined>;
  /** Removes it: of several callers one gets it. */
  take(tenant: string, name: string): Promise<string | undefined>;
}
