/** A bulkhead (I8): so many at once, of one tenant at most half of them; the rest is told to come back. */
import { Failure } from "#shared/kernel/failure";

export interface Pool {
  /**
   * @param share whose work it is, where one must not take everything
   * @throws Failure `overloaded` at once when the pool, or the share's half of it, is full
   */
  run<T>(work: () => Promise<T>, share?: string): Promise<T>;
  readonly inFlight: () => number;
  readonly rejected: () => number;
}

export function createPool(size: number): Pool {
  const maxShare = Math.max(1, Math.floor(size / 2));
  const shares = new Map<string, number>();
  let inFlight = 0;
  let rejected = 0;

  function enter(share: string | undefined): void {
    const ofShare = share === undefined ? 0 : (shares.get(share) ?? 0);
    if (inFlight >= size || ofShare >= maxShare) {
      rejected++;
      throw new Failure("overloaded", "too many requests are in work; try again", { retryAfter: 1 });
    }
    inFlight++;
    if (share !== undefined) shares.set(share, ofShare + 1);
  }

  function leave(share: string | undefined): void {
    inFlight--;
    if (share === undefined) return;
    const left = (shares.get(share) ?? 1) - 1;
    if (left === 0) shares.delete(share);
    else shares.set(share, left);
  }

  return {
    async run(work, share) {
      enter(share);
      try {
        return await work();
      } finally {
        leave(share);
      }
    },
    inFlight: () => inFlight,
    rejected: () => rejected,
  };
}
