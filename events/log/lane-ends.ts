/**
 * How far each lane of a copy of a tenant's log holds, when the copy may have part of a transaction, or of any item another
 * age: the last event up to which the lane has no gap and its chain verifies, and up to which every aggregate's revisions
 * follow each other. An event in one lane may build on one that another lane lost, so ends pull each other down.
 */
import type { LaneEnd } from "#shared/domain/tenant/tenant";
import type { EventLog, LoggedEvent } from "#shared/ports/event-log";
import type { Table } from "#shared/ports/table";
import { aggregateSnapshots } from "../retention/snapshot.ts";
import { linkHash } from "./chain.ts";
import { readLinks } from "./links.ts";
import { isNextRevision } from "./revision.ts";

const pageSize = 1000;

interface Step {
  readonly rev: number;
  readonly lane: number;
  readonly seq: number;
}

/** @param claimed the sequence that each lane's head says */
export async function laneEnds(
  log: EventLog,
  table: Table,
  tenant: string,
  claimed: readonly number[],
): Promise<readonly LaneEnd[]> {
  return endsOf(log, tenant, claimed, await chainsOf(table, tenant, claimed.length));
}

/** The same of chains that were read. */
export async function endsOf(
  log: EventLog,
  tenant: string,
  claimed: readonly number[],
  chained: readonly Chain[],
): Promise<readonly LaneEnd[]> {
  const ends = chained.map(({ hashes }) => hashes.length);
  const steps = await stepsOf(log, tenant, ends);
  while (pullDown(ends, steps)); // each time something fell, more may have lost what it builds on
  return ends.map((sequence, lane) => ({
    lane,
    sequence,
    hash: chained[lane]?.hashes[sequence - 1] ?? "",
    seen: Math.max(claimed[lane] ?? 0, chained[lane]?.last ?? 0),
  }));
}

/** A lane as it is stored. */
export interface Chain {
  /** From the first event on, as long as each follows from the one before. */
  readonly hashes: readonly string[];
  /** Sequence of the last event that is there. */
  readonly last: number;
  /** The first event that the one before it contradicts, wherever: no item that is missing explains it. */
  readonly contradicted: number | undefined;
}

export const chainsOf = (table: Table, tenant: string, lanes: number): Promise<readonly Chain[]> =>
  Promise.all(Array.from({ length: lanes }, (_, lane) => chainOf(table, tenant, lane)));

async function chainOf(table: Table, tenant: string, lane: number): Promise<Chain> {
  const hashes: string[] = [];
  let last = 0;
  let prev = "";
  let contradicted: number | undefined;
  for (let broken = false; ; ) {
    const page = await readLinks(table, tenant, lane, last, pageSize);
    for (const { seq, hash, sha256 } of page) {
      const follows = seq === last + 1;
      if (follows && linkHash({ tenant, lane, seq, prev, sha256 }) !== hash) contradicted ??= seq;
      broken ||= !follows || contradicted !== undefined;
      if (!broken) hashes.push(hash);
      [last, prev] = [seq, hash];
    }
    if (page.length < pageSize) return { hashes, last, contradicted };
  }
}

/** By aggregate, ascending: what brings it to which revision, from the first that is not in a snapshot. */
async function stepsOf(log: EventLog, tenant: string, ends: readonly number[]): Promise<ReadonlyMap<string, Steps>> {
  const steps = new Map<string, Steps>();
  for await (const page of aggregateSnapshots(log, tenant))
    for (const { kind, id, rev } of page) steps.set(`${kind}/${id}`, { start: rev, of: [] });
  for (const [lane, end] of ends.entries())
    for await (const event of eventsTo(log, tenant, lane, end))
      for (const [kind, id, rev] of event.writes) {
        const found = steps.get(`${kind}/${id}`) ?? { start: 0, of: [] };
        if (rev > found.start) found.of.push({ rev, lane, seq: event.seq });
        steps.set(`${kind}/${id}`, found);
      }
  for (const { of } of steps.values()) of.sort((a, b) => a.rev - b.rev);
  return steps;
}

interface Steps {
  /** Revision of the snapshot that stands for removed events. */
  readonly start: number;
  readonly of: Step[];
}

async function* eventsTo(log: EventLog, tenant: string, lane: number, end: number): AsyncGenerator<LoggedEvent> {
  for (let after = 0; after < end; ) {
    const page = await log.read(tenant, lane, after, pageSize);
    for (const event of page) if (event.seq <= end) yield event;
    after = page.at(-1)?.seq ?? end;
  }
}

/** @returns whether a lane lost something that stands on what is not there */
function pullDown(ends: number[], steps: ReadonlyMap<string, Steps>): boolean {
  let fell = false;
  for (const { start, of } of steps.values()) {
    let last = start;
    for (const { rev, lane, seq } of of) {
      if (seq > (ends[lane] ?? 0)) continue;
      if (isNextRevision(last, rev)) last = rev;
      else {
        ends[lane] = seq - 1;
        fell = true;
      }
    }
  }
  return fell;
}
