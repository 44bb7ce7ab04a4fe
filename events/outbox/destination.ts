/**
 * One kind of outside effect. `deliver` must be idempotent by the entry's id: it is called at least once.
 * What it throws is retried, except a Failure whose code says that trying again cannot help.
 */
export interface Delivery {
  readonly tenant: string;
  /** Id of the outbox entry: the receiver's idempotency key. */
  readonly id: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

export interface Destination {
  /** A service of our own: what is not done yet is tried until it is done; only a hopeless one is given up. */
  readonly own?: true;
  deliver(delivery: Delivery): Promise<void>;
}

/** By destination name; an entry for a name that is not here goes dead at once, visibly. */
export type Destinations = Readonly<Record<string, Destination>>;
