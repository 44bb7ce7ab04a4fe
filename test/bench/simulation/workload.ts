/** Who asks for how many certificates, when: deterministic from a seed. */

export interface Workload {
  readonly tenants: number;
  /** In a year, at load 1. */
  readonly certificates: number;
  /** Tenant k asks in proportion to 1/k^skew (Zipf). */
  readonly skew: number;
  /** Part of an hour's renewals that timers start in its first minute; the rest comes at random. */
  readonly onTheHour: number;
  /** Days that a certificate lives. */
  readonly lifetimeDays: number;
  /** Part of the certificates that is revoked before it ends. */
  readonly revoked: number;
}

export const design: Workload = {
  tenants: 1_000,
  certificates: 100e6,
  skew: 1,
  onTheHour: 0.1,
  lifetimeDays: 90,
  revoked: 0.01,
};

/** Of each tenant, of all: sums to 1. */
export function shares({ tenants, skew }: Workload): readonly number[] {
  const weights = Array.from({ length: tenants }, (_, k) => 1 / (k + 1) ** skew);
  const all = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((one) => one / all);
}

const hours = 365 * 24;

/** Certificates in each hour of a year, at load 1: by day less at night and at weekends, and more where renewals bunch. */
export function hourly(workload: Workload, random: () => number): readonly number[] {
  const shape = Array.from({ length: hours }, (_, hour) => {
    const day = 1 + 0.6 * Math.sin(((hour % 24) - 8) * (Math.PI / 12));
    const week = Math.floor(hour / 24) % 7 < 5 ? 1.1 : 0.75;
    return day * week * (0.85 + 0.3 * random());
  });
  const all = shape.reduce((sum, one) => sum + one, 0);
  return shape.map((one) => (one / all) * workload.certificates);
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Arrivals in a second in which `mean` are expected. */
export function poisson(mean: number, random: () => number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}
