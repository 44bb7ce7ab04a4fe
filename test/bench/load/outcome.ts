import type { Outcome } from "./protocol.ts";

/** @param latencies of every request, milliseconds; sorted here @param cpuMicros of the generator */
export function outcomeOf(seconds: number, latencies: Float64Array, cpuMicros: number): Outcome {
  latencies.sort();
  return {
    seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    clientCpuSeconds: cpuMicros / 1e6,
  };
}

/** Nearest rank. */
export const percentile = (sorted: Float64Array, part: number): number =>
  sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
