/**
 * The head of a lane: its last sequence and hash, how many lanes the tenant has, and the epoch: who may write here. A
 * failover raises the epoch on all heads and on the row of lanes at once (failover.ts), so whoever wrote before it loses
 * its next commit, reads the new epoch, and is fenced.
 */
import { Failure } from "#shared/kernel/failure";
import type { Item, Table, Write } from "#shared/ports/table";
import { isCount, isText, readStored } from "../stored.ts";
import { headKey, lanesKey } from "./keys.ts";

/** Who writes a tenant's log, as its rows say. */
export interface Reign {
  readonly epoch: number;
  /** The Region that the tenant is written in; absent on one machine. */
  readonly home?: string;
  /** A failover is at work: nobody else writes. */
  readonly recovering?: true;
}

export interface Head extends Reign {
  readonly seq: number;
  /** Empty before the first event. */
  readonly hash: string;
  /** Of the stored item; 0 when there is none. */
  readonly rev: number;
  /** Of the row with the number of lanes, 0 when there is none; looked up only where the lane has no head to tell. */
  readonly lanesRev: number | undefined;
}

/** What stands under `lanesKey`. */
export interface LanesRow extends Reign {
  readonly lanes: number;
}

interface HeadRow extends Reign {
  readonly seq: number;
  readonly hash: string;
  readonly lanes: number;
}

export const firstEpoch = 1;

const isAbsentOr = (holds: (value: unknown) => boolean) => (value: unknown) => value === undefined || holds(value);
const ofReign = { home: isAbsentOr(isText), recovering: isAbsentOr((value) => value === true) };
const ofLanes = { lanes: isCount, epoch: isAbsentOr(isCount), ...ofReign };
const ofHead = { seq: isCount, hash: isText, lanes: isCount, epoch: isCount, ...ofReign };

const reignOf = ({ epoch, home, recovering }: Partial<Reign>): Reign => ({
  epoch: epoch ?? firstEpoch,
  ...(home !== undefined && { home }),
  ...(recovering !== undefined && { recovering }),
});

/**
 * @param region the one that this process is in: a tenant that nobody writes yet is then founded as at home there
 * @throws Failure `misconfigured` when the tenant's log was written with another number of lanes.
 */
export async function readHead(
  table: Table,
  tenant: string,
  lane: number,
  lanes: number,
  region?: string,
): Promise<Head> {
  const item = await table.get(headKey(tenant, lane), { consistent: true });
  if (item !== undefined) return parseHead(item, tenant, lanes);
  // A lane without events cannot tell how many there are: another may have some.
  const { row, rev } = await readLanes(table, tenant);
  if (row !== undefined) assertLanes(tenant, row.lanes, lanes);
  const reign = reignOf(row ?? (region === undefined ? {} : { home: region }));
  return { ...reign, seq: 0, hash: "", rev: 0, lanesRev: rev };
}

/** @returns no row and revision 0 for a tenant without events */
export async function readLanes(
  table: Table,
  tenant: string,
): Promise<{ readonly row: LanesRow | undefined; readonly rev: number }> {
  const item = await table.get(lanesKey(tenant), { consistent: true });
  if (item === undefined) return { row: undefined, rev: 0 };
  const row = readStored<LanesRow>(item.body, `the number of lanes of ${tenant}`, ofLanes);
  return { row: { ...row, ...reignOf(row) }, rev: item.rev };
}

function parseHead(item: Item, tenant: string, lanes: number): Head {
  const row = readStored<HeadRow>(item.body, `the head of a lane of ${tenant}`, ofHead);
  assertLanes(tenant, row.lanes, lanes);
  return { ...reignOf(row), seq: row.seq, hash: row.hash, rev: item.rev, lanesRev: undefined };
}

function assertLanes(tenant: string, written: number, lanes: number): void {
  if (written !== lanes)
    throw new Failure(
      "misconfigured",
      `the log of tenant ${tenant} has ${written} lanes, this process is set to ${lanes}`,
    );
}

export function writeHead(tenant: string, lane: number, lanes: number, before: Head, next: Head): Write[] {
  const reign = reignOf(next);
  const head = headWrite(tenant, lane, lanes, before.rev, { ...reign, seq: next.seq, hash: next.hash });
  if (before.rev > 0) return [head];
  const key = lanesKey(tenant);
  const rev = before.lanesRev ?? 0;
  if (rev > 0) return [head, { check: key, if: { rev } }];
  // On one machine the row says what it always said.
  const row = reign.home === undefined ? { lanes } : { lanes, ...reign };
  return [head, { put: { ...key, rev: 1, body: JSON.stringify(row) }, if: "absent" }];
}

/** @param before the revision that was read; 0 is none */
export function headWrite(
  tenant: string,
  lane: number,
  lanes: number,
  before: number,
  { seq, hash, ...reign }: Reign & { readonly seq: number; readonly hash: string },
): Write {
  const { epoch, ...rest } = reignOf(reign);
  const row: HeadRow = { seq, hash, epoch, lanes, ...rest };
  return {
    put: { ...headKey(tenant, lane), rev: before + 1, body: JSON.stringify(row) },
    if: before === 0 ? "absent" : { rev: before },
  };
}
