/** How many may run at once, and how many an API lets in: the bulkheads (I8). */
import { type LambdaFunction, lambdaFunctions } from "#functions/registry";
import type { Deployment } from "./context.ts";

/** Of an account's 1,000, 100 must stay unreserved, and other things live there too. */
const totals = { small: 200, standard: 800 } as const;

const weights = lambdaFunctions.reduce((sum, { concurrencyWeight }) => sum + concurrencyWeight, 0);
const share = (entry: LambdaFunction, total: number) =>
  Math.max(2, Math.floor((total * entry.concurrencyWeight) / weights));

/** @returns undefined where nothing is reserved: a new account has 10 in all and cannot */
export const reservedConcurrency = ({ concurrency }: Deployment, entry: LambdaFunction): number | undefined =>
  concurrency === "none" ? undefined : share(entry, totals[concurrency]);

export interface Throttle {
  readonly burst: number;
  /** Requests a second. */
  readonly rate: number;
}

/** Seconds that a request takes when it is slow: what comes faster than that ends would pile up. */
const slowRequest = 0.5;

/** Below what may run at once, so that too many are told 429 by the API and none 500 by Lambda. */
export function throttleOf(deployment: Deployment, entry: LambdaFunction): Throttle {
  const burst = Math.max(1, Math.floor(0.8 * (reservedConcurrency(deployment, entry) ?? share(entry, totals.small))));
  return { burst, rate: burst / slowRequest };
}
