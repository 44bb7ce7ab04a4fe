/**
 * A cut through all lanes of a tenant's log, and the signed checkpoint over everything before it. Cuts are numbered from 1.
 * A cut is written before it is signed and never moves: the order of the tree is that of the cuts, and within a cut (lane,
 * sequence), so it follows from the log and the cuts alone.
 */
import type { LaneHead } from "#shared/ports/event-log";
import type { Item, Table } from "#shared/ports/table";
import { partition } from "../item-kinds.ts";
import { hasShape, isCount, isText, readStored, type Shape } from "../stored.ts";

export interface Cut {
  readonly n: number;
  /** Leaves in the tree that ends here: the sum of the heads' sequences. */
  readonly size: number;
  /** Where it ends in every lane. */
  readonly heads: readonly LaneHead[];
  /** RFC 3339. */
  readonly time: string;
  /** Once signed: the signed note (C2SP tlog-checkpoint). */
  readonly note?: string;
}

export type SignedCut = Cut & { readonly note: string };

export const isSigned = (cut: Cut): cut is SignedCut => cut.note !== undefined;

/** Before the first. */
export const noCut = (lanes: number): Cut => ({
  n: 0,
  size: 0,
  heads: Array.from({ length: lanes }, (_, lane) => ({ lane, seq: 0, hash: "" })),
  time: "",
});

const sortOf = (n: number): string => `C#${String(n).padStart(12, "0")}`;

const cutKey = (tenant: string, n: number) => ({ pk: partition(tenant, "C"), sk: sortOf(n) });

const ofHead = { lane: isCount, seq: isCount, hash: isText };
const shape: Shape = {
  n: isCount,
  size: isCount,
  heads: (value) => Array.isArray(value) && value.every((head) => hasShape(head, ofHead)),
  time: isText,
  note: (value) => value === undefined || isText(value),
};

const parse = ({ body }: Item): Cut => readStored<Cut>(body, "a cut through the lanes", shape);

export async function readCut(table: Table, tenant: string, n: number): Promise<Cut | undefined> {
  const item = await table.get(cutKey(tenant, n), { consistent: true });
  return item === undefined ? undefined : parse(item);
}

/** Newest first, below `before`. */
export async function listCuts(table: Table, tenant: string, limit: number, before?: number): Promise<readonly Cut[]> {
  if (before !== undefined && before <= 1) return [];
  const page = await table.query({
    pk: partition(tenant, "C"),
    limit,
    descending: true,
    consistent: true,
    ...(before !== undefined && { to: sortOf(before - 1) }),
  });
  return page.items.map(parse);
}

/** Keeps the cuts up to the first that is missing or does not hold: after a failover the tree goes on from there. */
export async function keepCuts(table: Table, tenant: string, holds: (cut: Cut) => boolean): Promise<void> {
  let next = 1;
  let after: string | undefined;
  do {
    const page = await table.query({
      pk: partition(tenant, "C"),
      limit: 100,
      consistent: true,
      ...(after !== undefined && { after }),
    });
    for (const cut of page.items.map(parse)) {
      if (cut.n === next && holds(cut)) next++;
      else await table.transact([{ delete: cutKey(tenant, cut.n) }]);
    }
    after = page.cursor;
  } while (after !== undefined);
}

/** @returns false when somebody else wrote the cut of this number, or signed it */
export async function writeCut(table: Table, tenant: string, cut: Cut): Promise<boolean> {
  const signed = isSigned(cut);
  const { ok } = await table.transact([
    {
      put: {
        pk: partition(tenant, "C"),
        sk: sortOf(cut.n),
        rev: signed ? 2 : 1,
        body: JSON.stringify(cut),
      },
      if: signed ? { rev: 1 } : "absent",
    },
  ]);
  return ok;
}

/**
 * The cut that holds what `reached` says of cuts from some number on, and the one before it. Binary search.
 * @returns undefined when the newest does not hold it
 */
export async function firstCut(
  table: Table,
  tenant: string,
  newest: Cut,
  reached: (cut: Cut) => boolean,
): Promise<{ readonly before: Cut; readonly cut: Cut } | undefined> {
  if (!reached(newest)) return undefined;
  let [before, cut] = [noCut(newest.heads.length), newest];
  while (cut.n - before.n > 1) {
    const middle = await readCut(table, tenant, Math.floor((before.n + cut.n) / 2));
    if (middle === undefined) throw new TypeError("a cut between two is gone");
    if (reached(middle)) cut = middle;
    else before = middle;
  }
  return { before, cut };
}
