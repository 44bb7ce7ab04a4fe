/**
 * What several processes of the signer share: items, each written alone under a condition (docs/design/0073). `Table` is
 * for what must change together, which costs twice as much; here every write is one request, one unit for each KB.
 *
 * Every method throws Failure `unavailable` when nothing is known of the outcome: a write may have happened, or happen yet.
 */
import type { Condition, Key } from "./table.ts";

export interface SharedItem extends Key {
  /** Counts the writes of this item from 1. */
  readonly rev: number;
  /** At most `maxItemBytes`. */
  readonly body: Uint8Array;
}

export interface SharedItems {
  /** As it is now: never an older one. */
  get(key: Key): Promise<SharedItem | undefined>;
  /**
   * Those of a partition whose sort key is above `sk`, which is not empty, ascending, as they are now; at most `limit`.
   * @returns `more` is false when there was nothing behind the last one
   */
  after(
    pk: string,
    sk: string,
    limit: number,
  ): Promise<{ readonly items: readonly SharedItem[]; readonly more: boolean }>;
  /** Durable when it returns. @returns false when the condition does not hold, also because of an earlier try of this call */
  put(item: SharedItem, condition: Condition): Promise<boolean>;
  /** @returns false when the condition does not hold, likewise */
  delete(key: Key, condition: Condition): Promise<boolean>;
}

/** DynamoDB: 400 KB with names. */
export const maxItemBytes = 390_000;
