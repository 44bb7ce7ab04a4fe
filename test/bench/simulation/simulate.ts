/**
 * A year of the workload in hours, and the beginning of its busiest hour second by second: what is throttled first. Everything is a model, fed
 * with counts of the product and documented limits; nothing here runs on AWS.
 */
import { aws, contended, mostLag, patience, type System } from "./limits.ts";
import { hourly, poisson, seeded, shares, type Workload } from "./workload.ts";

export type Limit = "lane" | "journal" | "partition" | "table" | "kms" | "concurrency" | "stream lag";

export interface Outcome {
  readonly load: number;
  /** Certificates asked for in the busiest second, of all and of the largest tenant. */
  readonly peak: { readonly all: number; readonly tenant: number };
  /** The most that each limit was used, 1 being all of it. */
  readonly used: Readonly<Record<Limit, number>>;
  /** Entries of the largest CRL shard, and bytes. */
  readonly crl: { readonly entries: number; readonly bytes: number; readonly shards: number };
}

export interface Scenario {
  readonly workload: Workload;
  readonly system: System;
  readonly seed: number;
  /** Certificates of a CRL shard. */
  readonly shardEntries: number;
}

/** The minute in which timers fire, and what it leaves behind: the rest of the hour is quieter. */
const simulatedSeconds = 180;
const entryBytes = 37; // serial of 16 bytes, time, reason
const crlBytes = 700;

export function simulate({ workload, system, seed, shardEntries }: Scenario, load: number): Outcome {
  const random = seeded(seed);
  const year = hourly(workload, random);
  const hour = year.reduce((most, volume, n) => (volume > (year[most] ?? 0) ? n : most), 1);
  const busiest = (year[hour] ?? 0) * load;
  const used: Record<Limit, number> = {
    lane: 0,
    journal: 0,
    partition: 0,
    table: 0,
    kms: 0,
    concurrency: 0,
    "stream lag": 0,
  };
  const note = (limit: Limit, share: number): void => {
    used[limit] = Math.max(used[limit], share);
  };
  const tenantShares = shares(workload);
  // Tenants beyond the first dozen are far from any limit of their own: they count together.
  const watched = tenantShares.slice(0, 12);
  const rest = 1 - watched.reduce((sum, one) => sum + one, 0);
  const lanes = watched.map(() => Array.from({ length: system.lanes }, () => 0));
  const journals = watched.map(() => 0);
  const behind = watched.map(() => 0);
  const perLane = contended(system.laneWindow);
  const perJournal = contended(system.journalWindow);
  const { units } = system;
  const inBurst = workload.onTheHour / 60 + (1 - workload.onTheHour) / 3600;
  // The hour before has taught the table on demand what to expect.
  const earlier = (year[hour - 1] ?? 0) * load * inBurst * units.all;
  const tableCapacity = Math.min(aws.tableQuota, Math.max(aws.tableWriteUnits, 2 * earlier));
  const peak = { all: 0, tenant: 0 };

  for (let second = 0; second < simulatedSeconds; second++) {
    const rate = busiest * (second < 60 ? inBurst : (1 - workload.onTheHour) / 3600);
    let all = poisson(rate * rest, random);
    let extraUnits = 0;
    watched.forEach((share, tenant) => {
      const arrivals = poisson(rate * share, random);
      all += arrivals;
      peak.tenant = Math.max(peak.tenant, arrivals);

      const waiting = lanes[tenant] ?? [];
      for (let n = 0; n < arrivals; n++) {
        const lane = Math.floor(random() * system.lanes);
        waiting[lane] = (waiting[lane] ?? 0) + 1;
      }
      waiting.forEach((backlog, lane) => {
        const through = Math.min(backlog, perLane);
        extraUnits += through * (Math.exp(Math.min(1, through * system.laneWindow)) - 1) * system.cancelled;
        waiting[lane] = backlog - through;
        note("lane", (backlog - through) / perLane / patience);
        note("partition", (through * units.lane) / aws.partitionWriteUnits);
      });

      const journal = (journals[tenant] ?? 0) + arrivals;
      journals[tenant] = Math.max(0, journal - perJournal);
      note("journal", (journals[tenant] ?? 0) / perJournal / patience);
      note("partition", (Math.min(journal, perJournal) * units.journal) / aws.partitionWriteUnits);
      for (const one of [units.certificates, units.view, units.names])
        note("partition", (arrivals * one) / aws.partitionWriteUnits);

      const events = (behind[tenant] ?? 0) + arrivals;
      const followed = Math.min(events, Math.max(0, 1 - system.projectionRun) / system.projectionEvent);
      behind[tenant] = events - followed;
      note("stream lag", ((behind[tenant] ?? 0) * system.projectionEvent) / mostLag);
    });

    peak.all = Math.max(peak.all, all);
    const spent = all * units.all + extraUnits;
    note("table", spent / tableCapacity);
    note("kms", (all * system.kmsPerSignature) / aws.kmsSignatures);
    note("concurrency", (all * system.apiSeconds) / aws.concurrency);
  }

  const live = workload.certificates * load * (workload.lifetimeDays / 365) * (tenantShares[0] ?? 0);
  const shards = Math.ceil(live / shardEntries);
  const entries = Math.ceil(Math.min(live, shardEntries) * workload.revoked);
  return { load, peak, used, crl: { entries, bytes: crlBytes + entries * entryBytes, shards } };
}

export interface Headroom {
  /** Times the design load at which the first limit throttles. */
  readonly load: number;
  readonly limit: Limit;
  /** At the design load. */
  readonly design: Outcome;
  /** Times the design load at which each limit throttles, were it the only one. */
  readonly each: Readonly<Record<Limit, number>>;
}

const mostLoad = 4096;

/** Searches by halving, to a twentieth of the design load. */
export function headroom(scenario: Scenario): Headroom {
  const atDesign = simulate(scenario, 1);
  const each = Object.fromEntries(
    (Object.keys(atDesign.used) as Limit[]).map((limit) => {
      let [low, high] = [0, 1];
      while (high < mostLoad && simulate(scenario, high).used[limit] < 1) [low, high] = [high, high * 2];
      while (high - low > 0.05 * Math.max(1, low)) {
        const middle = (low + high) / 2;
        if (simulate(scenario, middle).used[limit] < 1) low = middle;
        else high = middle;
      }
      return [limit, low];
    }),
  ) as Record<Limit, number>;
  const [limit, load] = (Object.entries(each) as [Limit, number][]).reduce((first, one) =>
    one[1] < first[1] ? one : first,
  );
  return { load, limit, design: atDesign, each };
}
