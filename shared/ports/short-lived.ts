/**
 * What is remembered between two messages: nonces, transactions, browser sessions. Every process sees it, and what is written is
 * seen by every read that begins afterwards; a restore loses it, so nothing rests on it that could not begin again.
 */
export interface ShortLived {
  /**
   * Durable when it returns.
   * @param ttlMs after which it is gone
   * @returns false when the name is taken, and then changes nothing
   */
  put(tenant: string, name: ShortLivedName, body: string, ttlMs: number): Promise<boolean>;
  /** Gives it another body and a new end. @returns false when its body is not `from` (any more), and then changes nothing */
  replace(tenant: string, name: ShortLivedName, change: Replacement, ttlMs: number): Promise<boolean>;
  get(tenant: string, name: ShortLivedName): Promise<string | undefined>;
  /** Removes it, whoever replaces it meanwhile: of several callers one gets it. */
  take(tenant: string, name: ShortLivedName): Promise<string | undefined>;
  /** The last by key first. What is there from before the first page to after the last one is on one of them. */
  list(tenant: string, list: ShortLivedList, page: ShortLivedRange): Promise<ShortLivedPage>;
}

/** Stands alone, as most do, or in a list, which can be read as a whole: all of one partition, so for what is few. */
export type ShortLivedName = string | { readonly list: ShortLivedList; readonly key: string };
export type ShortLivedList = "session" | "unconfirmed";

export interface Replacement {
  readonly from: string;
  readonly to: string;
}

export interface ShortLivedRange {
  /** Key of the last one seen. */
  readonly after?: string | undefined;
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface ShortLivedPage {
  readonly items: readonly { readonly key: string; readonly body: string }[];
  /** Absent on the last page. */
  readonly cursor?: string;
}
