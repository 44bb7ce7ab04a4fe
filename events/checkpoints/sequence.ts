/** The leaves of the tree in their order, checked against the chain as they are read. */
import { Failure } from "#shared/kernel/failure";
import type { ChainLink, EventLog } from "#shared/ports/event-log";
import type { TableStore } from "#shared/ports/table";
import { linkHash } from "../log/chain.ts";
import { type Cut, firstCut, readCut } from "./cut.ts";

const pageSize = 1000;

/**
 * The links between two cuts that follow each other, lane by lane.
 * @throws Failure `corrupt` naming the first that is missing or does not fit the chain
 */
export async function* linksBetween(log: EventLog, tenant: string, before: Cut, cut: Cut): AsyncGenerator<ChainLink> {
  for (const head of cut.heads) {
    const start = before.heads[head.lane];
    let [seq, prev] = [start?.seq ?? 0, start?.hash ?? ""];
    while (seq < head.seq) {
      const page = await log.links(tenant, head.lane, seq, Math.min(pageSize, head.seq - seq));
      if (page.length === 0) broken(head.lane, seq + 1, "is missing");
      for (const link of page) {
        if (link.seq !== seq + 1) broken(head.lane, seq + 1, "is missing");
        if (linkHash({ tenant, lane: link.lane, seq: link.seq, prev, sha256: link.sha256 }) !== link.hash)
          broken(link.lane, link.seq, "does not fit its hash and the event before it");
        [seq, prev] = [link.seq, link.hash];
        yield link;
      }
    }
    if (prev !== head.hash) broken(head.lane, seq, "has another hash than when it was the head of its lane");
  }
}

export interface Placed {
  /** In the tree, from 0. */
  readonly index: number;
  readonly link: ChainLink;
}

/** Links in the order of the tree from a place on, as they are stored: unchecked. @param ahead how many are wanted at most */
export async function* linksFrom(
  { log, tables }: { readonly log: EventLog; readonly tables: TableStore },
  tenant: string,
  newest: Cut,
  from: number,
  ahead: number,
): AsyncGenerator<Placed> {
  const table = tables.tenant(tenant);
  const around = await firstCut(table, tenant, newest, ({ size }) => size > from);
  let left = ahead;
  for (let { before, cut } = around ?? { before: newest, cut: newest }; before.n < newest.n; ) {
    let index = before.size;
    for (const head of cut.heads) {
      const start = before.heads[head.lane]?.seq ?? 0;
      const skipped = Math.min(Math.max(0, from - index), head.seq - start);
      index += skipped;
      for (let seq = start + skipped; seq < head.seq && left > 0; ) {
        const page = await log.links(tenant, head.lane, seq, Math.min(pageSize, head.seq - seq, left));
        if (page.length === 0) broken(head.lane, seq + 1, "is missing");
        for (const link of page) yield { index: index++, link };
        left -= page.length;
        seq = page.at(-1)?.seq ?? head.seq;
      }
    }
    if (left <= 0 || cut.n === newest.n) return;
    const next = await readCut(table, tenant, cut.n + 1);
    if (next === undefined) throw new TypeError("a cut between two is gone");
    [before, cut] = [cut, next];
  }
}

function broken(lane: number, seq: number, what: string): never {
  throw new Failure(
    "corrupt",
    `event ${seq} of lane ${lane} ${what}: the log was changed or damaged. Keep a copy of the data directory and run \`trstctl audit verify\``,
  );
}

/** The place of an event in the tree. @param before @param cut as for `linksBetween`: the event is between them */
export function indexOf(before: Cut, cut: Cut, lane: number, seq: number): number {
  let index = before.size + seq - 1 - (before.heads[lane]?.seq ?? 0);
  for (const head of cut.heads) if (head.lane < lane) index += head.seq - (before.heads[head.lane]?.seq ?? 0);
  return index;
}
