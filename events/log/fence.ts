/**
 * Whether this process may write a tenant's log: it learns the epoch with the first head it reads, and a head of another
 * epoch stops what was begun in the old one. What this process read before may have been cut off behind it.
 */
import { Failure } from "#shared/kernel/failure";
import type { Reign } from "./head.ts";

export interface FenceOptions {
  readonly tenant: string;
  /** Where this process is; undefined on one machine. */
  readonly region: string | undefined;
  /** The epoch of the failover that this is: it writes while nobody else does. */
  readonly recovery: number | undefined;
}

export type Fence = (lane: number, reign: Reign) => void;

/**
 * @returns to be asked with each head that was read
 * @throws (the returned) Failure `unavailable`: nothing was written, and the detail says where or when to try again
 */
export function createFence({ tenant, region, recovery }: FenceOptions): Fence {
  /** By lane: a request in one lane may have been begun before another lane told of the new epoch. */
  const known = new Map<number, number>();
  let first: number | undefined;
  const refuse = (detail: string, retryAfter: number): never => {
    throw new Failure("unavailable", `nothing was written: the log of tenant ${tenant} ${detail}`, { retryAfter });
  };
  return (lane, { epoch, home, recovering }) => {
    if (home !== region) {
      const here = region === undefined ? "this process is in none" : `this process is in ${region}`;
      const there = home === undefined ? "in no Region" : `in Region ${home}`;
      refuse(`is written ${there} (epoch ${epoch}) and ${here}: send the request there, or fail the tenant over`, 60);
    }
    if (recovery !== undefined) {
      if (epoch !== recovery || recovering !== true) refuse(`was failed over once more (epoch ${epoch})`, 60);
      return;
    }
    if (recovering === true) refuse(`is being failed over (epoch ${epoch}): try again`, 5);
    const before = known.get(lane) ?? (first ??= epoch);
    known.set(lane, epoch);
    if (epoch < before)
      refuse(`is back in epoch ${epoch} and was in ${before}: its table was set back; fail the tenant over`, 60);
    if (epoch > before)
      refuse(`has gone over to epoch ${epoch}, and this request was begun in ${before}: try again`, 1);
  };
}
