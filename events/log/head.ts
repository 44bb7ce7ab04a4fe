/** The head of a lane: last sequence and hash, and the epoch that fixes how many lanes the tenant has. */
import { Failure } from "#shared/kernel/failure";
import type { Item, Table, Write } from "#shared/ports/table";
import { isCount, isText, readStored } from "../stored.ts";
import { headKey, lanesKey } from "./keys.ts";

export interface Head {
  readonly seq: number;
  /** Empty before the first event. */
  readonly hash: string;
  /** Of the stored item; 0 when there is none. */
  readonly rev: number;
  /** Whether the tenant's number of lanes is written down; looked up only where the lane has no head to tell. */
  readonly founded: boolean;
}

interface LanesRow {
  readonly lanes: number;
}

interface HeadRow {
  readonly seq: number;
  readonly hash: string;
  readonly epoch: number;
  readonly lanes: number;
}

const epoch = 1;

/** @throws Failure `misconfigured` when the tenant's log was written with another number of lanes. */
export async function readHead(table: Table, tenant: string, lane: number, lanes: number): Promise<Head> {
  const item = await table.get(headKey(tenant, lane), { consistent: true });
  if (item !== undefined) return parseHead(item, tenant, lanes);
  // A lane without events cannot tell how many there are: another may have some.
  const shape = await table.get(lanesKey(tenant), { consistent: true });
  if (shape !== undefined)
    assertLanes(
      tenant,
      readStored<LanesRow>(shape.body, `the number of lanes of ${tenant}`, { lanes: isCount }).lanes,
      lanes,
    );
  return { seq: 0, hash: "", rev: 0, founded: shape !== undefined };
}

function parseHead(item: Item, tenant: string, lanes: number): Head {
  const row = readStored<HeadRow>(item.body, `the head of a lane of ${tenant}`, {
    seq: isCount,
    hash: isText,
    lanes: isCount,
  });
  assertLanes(tenant, row.lanes, lanes);
  return { seq: row.seq, hash: row.hash, rev: item.rev, founded: true };
}

function assertLanes(tenant: string, written: number, lanes: number): void {
  if (written !== lanes)
    throw new Failure(
      "misconfigured",
      `the log of tenant ${tenant} has ${written} lanes, this process is set to ${lanes}`,
    );
}

export function writeHead(tenant: string, lane: number, lanes: number, before: Head, next: Head): Write[] {
  const row: HeadRow = { seq: next.seq, hash: next.hash, epoch, lanes };
  const head: Write = {
    put: { ...headKey(tenant, lane), rev: next.rev, body: JSON.stringify(row) },
    if: before.rev === 0 ? "absent" : { rev: before.rev },
  };
  if (before.rev > 0) return [head];
  const key = lanesKey(tenant);
  if (before.founded) return [head, { check: key, if: { rev: 1 } }];
  return [head, { put: { ...key, rev: 1, body: JSON.stringify({ lanes } satisfies LanesRow) }, if: "absent" }];
}
