/**
 * All tenant state (DESIGN §4). An item lives at (partition, sort); every partition of a tenant starts `T#<tenant>#`,
 * and a handle refuses any other with a `TypeError`, for views too (I1).
 */
export interface Key {
  /** `T#<tenant>#<kind…>` */
  readonly pk: string;
  readonly sk: string;
}

declare const classified: unique symbol;

/** The partition of a declared kind of item (I2); only `partition` in events/item-kinds.ts makes one. */
export type Partition = string & { readonly [classified]: true };

/** An entry in an ordered view; the adapter keeps it with the item. `pk` is tenant-scoped like any partition. */
export interface ViewEntry {
  readonly pk: Partition;
  /** Sortable text; ends in the item's id, so that it is unique in its view. */
  readonly sk: string;
}

/** Where an item may be written. */
export interface ItemKey extends Key {
  readonly pk: Partition;
}

export interface Item extends ItemKey {
  /** From 1; every write of an item brings a higher one, as a rule the next. */
  readonly rev: number;
  /** JSON text, stored and returned byte for byte. At most 350 KB; larger payloads belong to `Blob`. */
  readonly body: string;
  readonly view?: ViewEntry;
  /** Milliseconds since 1970. From this moment on the item is absent for every reader and every condition. */
  readonly expiresAt?: number;
}

/** The only conditions: absent, or revision is n. */
export type Condition = "absent" | { readonly rev: number };

export type Write =
  | { readonly put: Item; readonly if?: Condition }
  | { readonly delete: Key; readonly if?: Condition }
  | { readonly check: Key; readonly if: Condition };

export interface Query {
  readonly pk: string;
  /** Read the view instead of the table: `pk` and the sort bounds are then those of the view entry. */
  readonly view?: boolean;
  /** Inclusive bounds of the sort key. */
  readonly from?: string;
  readonly to?: string;
  /** Exclusive start: the `cursor` of the page before. Keyset, so writes between pages neither repeat nor skip items. */
  readonly after?: string;
  readonly descending?: boolean;
  /** 1 to 1,000. */
  readonly limit: number;
  /** Views are eventually consistent on AWS and cannot be asked otherwise. */
  readonly consistent?: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  /** Sort key to pass as `after`; absent when this was the last page. */
  readonly cursor?: string;
}

/**
 * `failed` holds the positions of the writes whose condition did not hold. `contended` means that nothing was wrong
 * with the conditions, but another transaction was in the way: the same call may be tried again.
 */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly failed: readonly number[]; readonly contended: boolean };

/** One tenant's items. */
export interface Table {
  get(key: Key, options?: { readonly consistent?: boolean }): Promise<Item | undefined>;
  query(query: Query): Promise<Page>;
  /**
   * All writes or none; 1 to 100, no key twice. Durable when it returns (fsync, or acknowledged by the Region).
   * After an exception (not an outcome) the writes may or may not have happened: look before trying again.
   */
  transact(writes: readonly Write[]): Promise<Outcome>;
}

export interface TableStore {
  /** @throws TypeError for an id that is not a tenant id. */
  tenant(tenant: string): Table;
  close(): Promise<void>;
}

export const maxWrites = 100;
export const maxBodyBytes = 350 * 1024;
/** DynamoDB: 4 MB for one transaction, all keys and attribute names counted. */
export const maxTransactionBytes = 4_000_000;
