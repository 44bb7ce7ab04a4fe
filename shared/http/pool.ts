/** A bulkhead (I8): so many at once, the rest is told to come back. */
import { Failure } from "#shared/kernel/failure";

export interface Pool {
  /** @throws Failure `overloaded` at once when the pool is full */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly inFlight: () => number;
  readonly rejected: () => number;
}

export function createPool(size: number): Pool {
  let inFlight = 0;
  let rejected = 0;
  return {
    async run(work) {
      if (inFlight >= size) {
        rejected++;
        throw new Failure("overloaded", "too many requests are in work; try again", { retryAfter: 1 });
      }
      inFlight++;
      try {
        return await work();
      } finally {
        inFlight--;
      }
    },
    inFlight: () => inFlight,
    rejected: () => rejected,
  };
}
