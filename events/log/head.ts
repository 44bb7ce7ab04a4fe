/** The head of a lane: last sequence and hash, and the epoch that fixes how many lanes the tenant has. */
import { Failure } from "#shared/kernel/failure";
import type { Item, Table, Write } from "#shared/ports/table";
import { headKey } from "./keys.ts";

export interface Head {
  readonly seq: number;
  /** Empty before the first event. */
  readonly hash: string;
  /** Of the stored item; 0 when there is none. */
  readonly rev: number;
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
  return item === undefined ? { seq: 0, hash: "", rev: 0 } : parseHead(item, tenant, lanes);
}

function parseHead(item: Item, tenant: string, lanes: number): Head {
  const row = JSON.parse(item.body) as HeadRow;
  if (row.lanes !== lanes)
    throw new Failure(
      "misconfigured",
      `the log of tenant ${tenant} has ${row.lanes} lanes, this process is set to ${lanes}`,
    );
  return { seq: row.seq, hash: row.hash, rev: item.rev };
}

export function writeHead(tenant: string, lane: number, lanes: number, before: Head, next: Head): Write {
  const row: HeadRow = { seq: next.seq, hash: next.hash, epoch, lanes };
  return {
    put: { ...headKey(tenant, lane), rev: next.rev, body: JSON.stringify(row) },
    if: before.rev === 0 ? "absent" : { rev: before.rev },
  };
}
