/**
 * What a copy of a tenant's log is worth that was made while others wrote (DynamoDB's recovery to a point in time does not
 * keep transactions whole): how far each lane holds, and whether the state is what the lanes say. What the last seconds
 * explain is a tail, which a failover would set aside and make anew (failover.ts); anything else is damage.
 */
import { isFailure } from "#shared/kernel/failure";
import type { EventLog } from "#shared/ports/event-log";
import { type Key, type Table, maxWrites } from "#shared/ports/table";
import type { LaneEnd } from "#shared/domain/tenant/tenant";
import { type Difference, eachDifference } from "./compare.ts";
import { type Head, readHead, readLanes } from "./head.ts";
import { stateKey } from "./keys.ts";
import { type Chain, chainsOf, endsOf } from "./lane-ends.ts";
import { readAll } from "./rebuild.ts";
import { originOf } from "./state-row.ts";

/** What is older than this before the moment of the copy was whole then: no transaction takes that long to arrive. */
const tornMs = 5 * 60_000;
/** Events of a lane, and states of a tenant, that what was under way may have left in part. */
const mostTorn = maxWrites;

export interface CopyDeps {
  readonly log: EventLog;
  readonly table: Table;
  readonly lanes: number;
  /** The moment that the copy is of, milliseconds since 1970. */
  readonly madeAt: number;
}

export interface CopyVerdict {
  readonly tenant: string;
  /** Events up to which the lanes hold, all together. */
  readonly events: number;
  /** States that were rebuilt and compared. */
  readonly items: number;
  /** What was under way at the moment of the copy: sentences that name the lane and the sequence, or the item. */
  readonly tail: readonly string[];
  /** What that does not explain. */
  readonly damage: readonly string[];
}

interface Findings {
  readonly tail: string[];
  readonly damage: string[];
}

/** @throws what the table throws: then nothing is known of the copy */
export async function judgeCopy(deps: CopyDeps, tenant: string): Promise<CopyVerdict> {
  const found: Findings = { tail: [], damage: [] };
  let [events, items] = [0, 0];
  try {
    const { log, table, lanes } = deps;
    const heads = await Promise.all(Array.from({ length: lanes }, (_, lane) => readHead(table, tenant, lane, lanes)));
    if ((await readLanes(table, tenant)).row === undefined)
      found.damage.push(
        "the row that says how many lanes there are is missing: was the tenant made in that very minute?",
      );
    const chains = await chainsOf(table, tenant, lanes);
    for (const [lane, { contradicted }] of chains.entries())
      if (contradicted !== undefined)
        found.damage.push(`lane ${lane}: event ${contradicted} does not follow from the one before it`);
    const claimed = heads.map(({ seq }) => seq);
    const ends = await endsOf(log, tenant, claimed, chains);
    events = ends.reduce((sum, { sequence }) => sum + sequence, 0);
    for (const end of ends) await judgeLane(deps, tenant, end, chains[end.lane], heads[end.lane], found);
    items = await judgeStates(deps, tenant, ends, found);
  } catch (error) {
    if (!isFailure(error, "corrupt") && !isFailure(error, "misconfigured")) throw error;
    found.damage.push(error.message);
  }
  return { tenant, events, items, ...found };
}

async function judgeLane(
  deps: CopyDeps,
  tenant: string,
  { lane, sequence, seen }: LaneEnd,
  chain: Chain | undefined,
  head: Head | undefined,
  found: Findings,
): Promise<void> {
  if (chain === undefined || head === undefined || chain.contradicted !== undefined) return;
  const headed = chain.hashes[head.seq - 1];
  if (headed !== undefined && headed !== head.hash)
    found.damage.push(`lane ${lane}: its head says another hash of event ${head.seq} than the chain`);
  const sayTail = async (from: number, to: number, what: string): Promise<void> => {
    const why = await tooOldToBeTorn(deps, tenant, lane, from, to);
    if (why === undefined) found.tail.push(`lane ${lane}: ${what}`);
    else found.damage.push(`lane ${lane}: ${what}; ${why}`);
  };
  if (sequence < seen) await sayTail(sequence, seen, `holds up to event ${sequence} of ${seen}`);
  else if (head.seq < sequence) await sayTail(head.seq, sequence, `its head is at event ${head.seq} of ${sequence}`);
}

/** @returns why events behind `from` cannot be the last ones that were under way */
async function tooOldToBeTorn(
  { log, madeAt }: CopyDeps,
  tenant: string,
  lane: number,
  from: number,
  to: number,
): Promise<string | undefined> {
  if (to - from > mostTorn) return `${to - from} events are more than what was under way`;
  for (const { seq, time } of await log.read(tenant, lane, from, mostTorn))
    if (Date.parse(time) < madeAt - tornMs) return `event ${seq} of ${time} was not under way any more`;
  return undefined;
}

async function judgeStates(
  deps: CopyDeps,
  tenant: string,
  ends: readonly LaneEnd[],
  { tail, damage }: Findings,
): Promise<number> {
  const { table, madeAt } = deps;
  const log = upTo(deps.log, ends);
  const differing: Difference[] = [];
  let more = 0;
  const items = await eachDifference(log, table, tenant, undefined, (one) => {
    if (differing.length < mostTorn) differing.push(one);
    else more++;
  });
  if (differing.length === 0) return items;
  if (more > 0) damage.push(`${differing.length + more} states are not what the log says`);
  const touched = new Set<string>();
  for await (const { time, writes } of readAll(log, tenant))
    if (Date.parse(time) >= madeAt - tornMs)
      for (const [kind, id] of writes) touched.add(nameOf(stateKey(tenant, kind, id)));
  for (const one of differing) {
    const torn = isTorn(one, ends, touched.has(nameOf(one.key)));
    (torn ? tail : damage).push(`${nameOf(one.key)} ${sayDifference(one)}`);
  }
  return items;
}

/** The state of an event that did not arrive, or an event of the last minutes whose state did not. */
function isTorn({ wanted, stored }: Difference, ends: readonly LaneEnd[], touched: boolean): boolean {
  if (stored === undefined) return touched;
  if (wanted !== undefined) return stored.rev > wanted.rev || (stored.rev < wanted.rev && touched);
  const { lane, seq } = originOf(stored);
  return touched || seq > (ends[lane]?.sequence ?? 0);
}

function sayDifference({ wanted, stored }: Difference): string {
  if (stored === undefined) return "is missing";
  if (wanted === undefined) return `is at revision ${stored.rev}, and the log knows of none`;
  return stored.rev === wanted.rev
    ? `is another at revision ${stored.rev} than the log makes it`
    : `is at revision ${stored.rev}, the log makes it ${wanted.rev}`;
}

const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

/** The log as if each lane ended there. */
const upTo = (log: EventLog, ends: readonly LaneEnd[]): EventLog => ({
  ...log,
  heads: async () => ends.map(({ lane, sequence, hash }) => ({ lane, seq: sequence, hash })),
  read: async (tenant, lane, after, limit) =>
    (await log.read(tenant, lane, after, limit)).filter(({ seq }) => seq <= (ends[lane]?.sequence ?? 0)),
});
