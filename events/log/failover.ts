/**
 * Takes a tenant's log over in another Region, or on a table that was restored, where an item may be missing or old (each
 * is replicated by itself): raises the epoch on all lanes at once, so that nobody else writes; ends each lane where it
 * holds (lane-ends.ts); sets aside what lies behind; makes every derived item anew; and says so in the log. Cut off at any
 * moment it is finished by the next call, which raises the epoch again: of two at once the earlier one is fenced too.
 */
import type { LaneEnd, RegionFailover } from "#shared/domain/tenant/tenant";
import { Failure } from "#shared/kernel/failure";
import type { Clock } from "#shared/ports/clock";
import type { EventLog } from "#shared/ports/event-log";
import type { Item, Table, TableStore, Write } from "#shared/ports/table";
import { keepCuts } from "../checkpoints/cut.ts";
import { isCount, isText, readStored } from "../stored.ts";
import { type Head, headWrite, type LanesRow, readHead, readLanes } from "./head.ts";
import { eventKey, failoverKey, lanesKey, lastEventSort, lostEventKey } from "./keys.ts";
import { laneEnds } from "./lane-ends.ts";
import { createEventLog } from "./log.ts";
import { rebuildDerived } from "./rebuild-derived.ts";

export interface FailoverDeps {
  readonly tables: TableStore;
  readonly clock: Clock;
  readonly lanes: number;
  /** Where the tenant is at home from now on; undefined on one machine. */
  readonly region: string | undefined;
}

/** What is found out before anything is removed; kept until the next failover. */
type Plan = RegionFailover;

const actor = { subject: "system:failover", roles: [] };
const noWakes = { ring: () => undefined, listen: () => async () => undefined };
const maxTries = 20;

/**
 * @returns the `region.failover` event's data: where each lane ends now, and what it had seen
 * @throws Failure `not_found` for a tenant of which nothing is here, `unprocessable` when its registration did not arrive,
 *   `conflict` when another failover came in between
 */
export async function failOver(deps: FailoverDeps, tenant: string): Promise<RegionFailover> {
  const { tables, lanes, region } = deps;
  const table = tables.tenant(tenant);
  const raised = await raise(deps, table, tenant);
  const { epoch } = raised;
  const log = createEventLog({
    tables,
    wakes: noWakes,
    lanes,
    several: true,
    recovery: epoch,
    ...(region !== undefined && { region }),
  });
  const guard: Write = { check: lanesKey(tenant), if: { rev: raised.token } };
  const plan = await makePlan(deps, log, table, tenant, raised, guard);
  for (const end of plan.lanes) await setAside(table, tenant, epoch, end, guard);
  // A cut that ends behind a lane's end speaks of a tree that is no more.
  await keepCuts(table, tenant, ({ heads }) =>
    heads.every(({ lane, seq }) => seq <= (plan.lanes[lane]?.sequence ?? 0)),
  );
  await writeHeads(deps, table, tenant, plan, guard);
  await rebuildDerived(log, table, tenant, guard);
  const stream = await log.load(tenant, "tenant", tenant);
  if (stream.state === undefined)
    throw new Failure(
      "unprocessable",
      `the registration of tenant ${tenant} is not in this copy, so nothing of it can be used: fail it over where it is`,
    );
  const event = { type: "region.failover" as const, data: plan };
  const { ok } = await log.commit({ tenant, actor, at: deps.clock.now(), stream, event });
  if (!ok) throw overtaken(tenant);
  await open(deps, table, tenant, epoch, raised.token);
  return plan;
}

const overtaken = (tenant: string): Failure =>
  new Failure("conflict", `another failover of tenant ${tenant} came in between: look what it did`);

interface Raised {
  readonly epoch: number;
  readonly from: string | null;
  readonly claimed: readonly number[];
  /** Revision of the row of lanes as long as no other failover has begun. */
  readonly token: number;
}

/** From here on whoever writes in an older epoch loses. */
async function raise({ lanes, region }: FailoverDeps, table: Table, tenant: string): Promise<Raised> {
  for (let tries = 0; tries < maxTries; tries++) {
    const { row, rev } = await readLanes(table, tenant);
    const heads = await readHeads(table, tenant, lanes);
    if (row === undefined && heads.every(({ rev: of }) => of === 0))
      throw new Failure("not_found", `there is no log of tenant ${tenant} here`);
    const all = row === undefined ? heads : [row, ...heads];
    const known = Math.max(...all.map((one) => one.epoch));
    const from = all.find((one) => one.epoch === known && one.home !== undefined)?.home ?? null;
    const reign = { epoch: known + 1, ...(region !== undefined && { home: region }), recovering: true as const };
    const outcome = await table.transact([
      lanesWrite(tenant, rev, { lanes, ...reign }),
      ...heads.map(({ rev: of, seq, hash }, lane) => headWrite(tenant, lane, lanes, of, { ...reign, seq, hash })),
    ]);
    if (outcome.ok) return { epoch: reign.epoch, from, claimed: heads.map(({ seq }) => seq), token: rev + 1 };
  }
  throw new Failure("unavailable", `the heads of tenant ${tenant} keep moving: try again`, { retryAfter: 1 });
}

const readHeads = (table: Table, tenant: string, lanes: number): Promise<Head[]> =>
  Promise.all(Array.from({ length: lanes }, (_, lane) => readHead(table, tenant, lane, lanes)));

const lanesWrite = (tenant: string, before: number, row: LanesRow): Write => ({
  put: { ...lanesKey(tenant), rev: before + 1, body: JSON.stringify(row) },
  if: before === 0 ? "absent" : { rev: before },
});

async function makePlan(
  { region, clock }: FailoverDeps,
  log: EventLog,
  table: Table,
  tenant: string,
  { epoch, from, claimed }: Raised,
  guard: Write,
): Promise<Plan> {
  // What one that was cut off had seen is no longer where it was.
  const before = await readPlan(table, tenant);
  const last = (await log.load(tenant, "tenant", tenant)).state?.failover?.epoch ?? 0;
  const seenBefore = before !== undefined && before.epoch > last ? before.lanes : [];
  const ends = (await laneEnds(log, table, tenant, claimed)).map((end) => ({
    ...end,
    seen: Math.max(end.seen, seenBefore[end.lane]?.seen ?? 0),
  }));
  const plan: Plan = { epoch, from, to: region ?? null, sealed_at: new Date(clock.now()).toISOString(), lanes: ends };
  const item = await table.get(failoverKey(tenant), { consistent: true });
  const put: Item = { ...failoverKey(tenant), rev: (item?.rev ?? 0) + 1, body: JSON.stringify(plan) };
  const { ok } = await table.transact([{ put, if: item === undefined ? "absent" : { rev: item.rev } }, guard]);
  if (ok) return plan;
  throw overtaken(tenant);
}

async function readPlan(table: Table, tenant: string): Promise<Plan | undefined> {
  const item = await table.get(failoverKey(tenant), { consistent: true });
  const shape = { epoch: isCount, sealed_at: isText, lanes: Array.isArray };
  return item === undefined ? undefined : readStored<Plan>(item.body, `the failover of ${tenant}`, shape);
}

/** What lies behind the end is kept for people, where no reader of the log meets it. */
async function setAside(
  table: Table,
  tenant: string,
  epoch: number,
  { lane, sequence }: LaneEnd,
  guard: Write,
): Promise<void> {
  const { pk, sk } = eventKey(tenant, lane, sequence + 1);
  for (;;) {
    const page = await table.query({ pk, from: sk, to: lastEventSort, limit: 10, consistent: true });
    if (page.items.length === 0) return;
    const moved = await table.transact([
      guard,
      ...page.items.flatMap((item): Write[] => [
        { put: { ...lostEventKey(tenant, epoch, lane, item.sk), rev: 1, body: item.body } },
        { delete: { pk: item.pk, sk: item.sk }, if: { rev: item.rev } },
      ]),
    ]);
    if (!moved.ok && !moved.contended) throw overtaken(tenant);
  }
}

async function writeHeads(
  { lanes, region }: FailoverDeps,
  table: Table,
  tenant: string,
  { epoch, lanes: ends }: Plan,
  guard: Write,
): Promise<void> {
  const heads = await readHeads(table, tenant, lanes);
  const reign = { epoch, ...(region !== undefined && { home: region }), recovering: true as const };
  const writes = ends.map(({ lane, sequence, hash }) =>
    headWrite(tenant, lane, lanes, heads[lane]?.rev ?? 0, { ...reign, seq: sequence, hash }),
  );
  await all(table, tenant, [guard, ...writes]);
}

/** The heads stay as they are but for who may write. */
async function open(
  { lanes, region }: FailoverDeps,
  table: Table,
  tenant: string,
  epoch: number,
  token: number,
): Promise<void> {
  const heads = await readHeads(table, tenant, lanes);
  const reign = { epoch, ...(region !== undefined && { home: region }) };
  await all(table, tenant, [
    lanesWrite(tenant, token, { lanes, ...reign }),
    ...heads.map(({ rev: of, seq, hash }, lane) => headWrite(tenant, lane, lanes, of, { ...reign, seq, hash })),
  ]);
}

async function all(table: Table, tenant: string, writes: readonly Write[]): Promise<void> {
  for (let outcome = await table.transact(writes); !outcome.ok; outcome = await table.transact(writes))
    if (!outcome.contended) throw overtaken(tenant);
}
