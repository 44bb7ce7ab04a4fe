/** Lists of checkpoints, and of the events that they cover. */
import { isSigned, listCuts, readCut } from "#events/checkpoints/cut";
import { linksFrom } from "#events/checkpoints/sequence";
import { Failure } from "#shared/kernel/failure";
import type { Table } from "#shared/ports/table";
import type { FunctionDeps } from "../function.ts";
import { exportedLink } from "./audit-export.ts";
import { checkpointView } from "./checkpoint-view.ts";

/** A page ends when its events have so many characters, however few they are. */
const maxPageText = 4_000_000;

/** @param cursor number of the last one of the page before */
export async function checkpointPage(table: Table, tenant: string, limit: number, cursor: string | undefined) {
  const before = cursor === undefined ? undefined : natural(cursor);
  const cuts = await listCuts(table, tenant, limit, before);
  const last = cuts.at(-1);
  return {
    items: cuts.filter(isSigned).map(checkpointView),
    cursor: last !== undefined && last.n > 1 && cuts.length === limit ? String(last.n) : undefined,
  };
}

/** Cuts are numbered from 1 without a gap, and only the last may be unsigned. */
export async function checkpointTotals(table: Table, tenant: string) {
  const [newest] = await listCuts(table, tenant, 1);
  if (newest === undefined) return { signed: 0, unsigned: 0 };
  return isSigned(newest) ? { signed: newest.n, unsigned: 0 } : { signed: newest.n - 1, unsigned: 1 };
}

/** Of the first checkpoint. @throws Failure `unprocessable` when there is none */
export async function firstSize(table: Table, tenant: string): Promise<number> {
  const first = await readCut(table, tenant, 1);
  if (first === undefined)
    throw new Failure("unprocessable", "there is no checkpoint yet; make one with `trstctl audit checkpoint`");
  return first.size;
}

/** @param cursor place of the next one */
export async function entryPage(
  deps: FunctionDeps,
  tenant: string,
  { from, limit }: { readonly from: number; readonly limit: number },
  cursor: string | undefined,
) {
  const start = cursor === undefined ? from : natural(cursor);
  const newest = (await listCuts(deps.tables.tenant(tenant), tenant, 2)).find(isSigned);
  const items: (ReturnType<typeof exportedLink> & { index: number })[] = [];
  if (newest === undefined) return { items, cursor: undefined };
  let text = 0;
  for await (const { index, link } of linksFrom(deps, tenant, newest, start, limit)) {
    items.push({ index, ...exportedLink(link) });
    text += link.event?.length ?? 0;
    if (items.length >= limit || text >= maxPageText) break;
  }
  const next = start + items.length;
  return { items, cursor: next < newest.size && items.length > 0 ? String(next) : undefined };
}

function natural(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new Failure("invalid_field", "cursor: not one of ours; take next_cursor of the page before, unchanged", {
    field: "cursor",
  });
}
