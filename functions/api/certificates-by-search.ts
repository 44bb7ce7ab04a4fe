/** Certificates found by what a person has in hand: a name, the domain that it is in, or what names one exactly. */
import type { certificateOperations } from "#shared/contracts/api/certificates";
import { entriesOf, labelsReversed } from "#events/projections/certificate-names";
import { findEntries } from "#events/projections/index-entries";
import { inventory } from "#events/projections/inventory";
import type { IndexEntry } from "#events/projections/projection";
import { idsOf, wantedBy } from "./certificate-lookup.ts";
import type { Found, Read } from "./certificates-in-order.ts";
import type { ServedBy } from "./operation-handler.ts";
import { certificateView } from "./views.ts";

type List = ServedBy<typeof certificateOperations.list>;

/** What is named exactly comes first, and alone unless the text may begin a name as well. */
export function bySearch(served: List, text: string): Read {
  const names = byName(served, text.toLowerCase());
  const wanted = wantedBy(text);
  if (wanted === undefined) return names;
  const { tenant } = served.call.principal;
  return async (after, limit) => {
    if (after === undefined || after.startsWith(exactly)) {
      const ids = (await idsOf(served.deps, tenant, wanted)).slice(Number(after?.slice(exactly.length) ?? 0));
      const loaded = await Promise.all(ids.map((id) => served.deps.log.load(tenant, "certificate", id)));
      const now = served.deps.clock.now();
      const behind = (n: number): string => `${exactly}${Number(after?.slice(exactly.length) ?? 0) + n + 1}`;
      const found = loaded.flatMap(({ id, state }, n): Found[] =>
        state === undefined ? [] : [{ view: certificateView(id, state, now), place: behind(n) }],
      );
      return { found, cursor: found.length > 0 && wanted.surely ? undefined : domains };
    }
    const page = await names(after === domains ? undefined : after, limit);
    const shown = wanted.by === "serial" ? wanted.serials : [];
    return { ...page, found: page.found.filter(({ view }) => !shown.includes(view.serial)) };
  };
}

/** Cursor of who has seen so many of what is named exactly. */
const exactly = "exactly#";
/** Of who has seen all of it. */
const domains = "domains";

/** In a domain first, then what else begins so. Each certificate is shown once, by the first of its names that is found. */
function byName({ deps, call }: List, name: string): Read {
  const { tenant } = call.principal;
  const table = deps.tables.tenant(tenant);
  const inDomain = rangeOf(`in#${labelsReversed(name)}`);
  const beginning = rangeOf(`begins#${name}`);
  const firstOf = (entries: readonly IndexEntry[]): string | undefined => {
    const sorts = entries.map(({ sort }) => sort).sort();
    return sorts.find((sort) => holds(inDomain, sort)) ?? sorts.find((sort) => holds(beginning, sort));
  };
  return async (after, limit) => {
    const range = after?.startsWith(beginnings) === true ? beginning : inDomain;
    const from = after === beginnings ? undefined : after;
    const { found, cursor } = await findEntries(table, tenant, inventory, { ...range, limit, after: from });
    const views = await Promise.all(
      found.map(async ({ sort, id }): Promise<readonly Found[]> => {
        const { state } = await deps.log.load(tenant, "certificate", id);
        if (state === undefined || firstOf(entriesOf(state)) !== sort) return [];
        return [{ view: certificateView(id, state, deps.clock.now()), place: sort }];
      }),
    );
    return { found: views.flat(), cursor: cursor ?? (range === inDomain ? beginnings : undefined) };
  };
}

/** Cursor of who has seen all of the domain. */
const beginnings = "begins";

interface Range {
  readonly from: string;
  readonly to: string;
}

const rangeOf = (prefix: string): Range => ({ from: prefix, to: `${prefix}\uffff` });
const holds = ({ from, to }: Range, sort: string): boolean => sort >= from && sort <= to;
