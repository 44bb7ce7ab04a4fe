/**
 * Certificates in the order in which they end: all of them through the ordered view, those that were revoked or superseded
 * through the index that has only these.
 */
import type { certificateOperations } from "#shared/contracts/api/certificates";
import { endedRange, isEndedEntryOf } from "#events/projections/certificate-ends";
import { findEntries } from "#events/projections/index-entries";
import { inventory } from "#events/projections/inventory";
import type { ServedBy } from "./operation-handler.ts";
import { certificateView } from "./views.ts";

type List = ServedBy<typeof certificateOperations.list>;

export interface Found {
  readonly view: ReturnType<typeof certificateView>;
  /** Cursor to go on behind it. */
  readonly place: string;
}

export interface FoundPage {
  readonly found: readonly Found[];
  readonly cursor: string | undefined;
}

/** @param after cursor of the same list; undefined: from its beginning */
export type Read = (after: string | undefined, limit: number) => Promise<FoundPage>;

/** Moments between which certificates end, RFC 3339; a status says more of them than what was asked. */
function bounds({ deps, query }: List): { readonly from: string | undefined; readonly to: string | undefined } {
  const iso = (time: string | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
  const now = new Date(deps.clock.now()).toISOString();
  const from = iso(query.expiring_after);
  const to = iso(query.expiring_before);
  if (query.status === "expired") return { from, to: to === undefined || to > now ? now : to };
  const living = query.status === "active" || query.status === "superseded";
  return { from: living && (from === undefined || from < now) ? now : from, to };
}

export function byExpiry(served: List): Read {
  const { deps, call, query } = served;
  const view = { name: "certificates", ...bounds(served), descending: query.sort === "-expires" };
  return async (after, limit) => {
    const page = await deps.log.list(call.principal.tenant, "certificate", { limit, after, view });
    const now = deps.clock.now();
    const found = page.items.map(({ id, state, place }) => ({ view: certificateView(id, state, now), place }));
    return { found, cursor: page.cursor };
  };
}

export function byEnd(served: List, end: "revoked" | "superseded"): Read {
  const { deps, call, query } = served;
  const { tenant } = call.principal;
  const table = deps.tables.tenant(tenant);
  const { from, to } = bounds(served);
  const range = { ...endedRange(end, from, to), descending: query.sort === "-expires" };
  return async (after, limit) => {
    const { found, cursor } = await findEntries(table, tenant, inventory, { ...range, limit, after });
    const now = deps.clock.now();
    const views = await Promise.all(
      found.map(async ({ sort, id }): Promise<readonly Found[]> => {
        const { state } = await deps.log.load(tenant, "certificate", id);
        if (state === undefined || !isEndedEntryOf(state, sort)) return [];
        return [{ view: certificateView(id, state, now), place: sort }];
      }),
    );
    return { found: views.flat(), cursor };
  };
}
