/** Certificates by when they end, by name, or the one that is named exactly; what the ordered views cannot tell is looked at item by item. */
import type { certificateOperations } from "#shared/contracts/api/certificates";
import { entriesOf, labelsReversed } from "#events/projections/certificate-names";
import { findEntries } from "#events/projections/index-entries";
import { inventory } from "#events/projections/inventory";
import type { IndexEntry } from "#events/projections/projection";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { usesProfile } from "./pages.ts";
import type { Outcome, ServedBy } from "./operation-handler.ts";
import { idsOf, wantedBy } from "./certificate-lookup.ts";
import { certificateView } from "./views.ts";

type List = ServedBy<typeof certificateOperations.list>;
type View = ReturnType<typeof certificateView>;

/** What one request looks at; with fewer found it says where to go on. */
const mostExamined = 2_000;
interface Page {
  readonly views: readonly View[];
  readonly cursor: string | undefined;
}

export async function listCertificates(served: List): Promise<Outcome> {
  const { query } = served;
  const list = query.q === undefined ? `certificate ${query.sort}` : "certificate by name";
  const read = query.q === undefined ? byExpiry(served) : bySearch(served, query.q);
  const items: View[] = [];
  let cursor = decodeCursor(list, query.cursor);
  for (let examined = 0; ; ) {
    const limit = query.limit - items.length;
    const page = await read(cursor, limit);
    examined += limit;
    items.push(...page.views.filter(matching(query)));
    cursor = page.cursor;
    if (cursor === undefined || items.length >= query.limit || examined >= mostExamined) break;
  }
  return { body: { items, next_cursor: encodeCursor(list, cursor) } };
}

const matching =
  ({ status, issuer_id, profile, owner_id, protocol, expiring_before, expiring_after }: List["query"]) =>
  (view: View): boolean =>
    (status === undefined || view.status === status) &&
    (issuer_id === undefined || view.issuer_id === issuer_id) &&
    (profile === undefined || (view.profile !== null && usesProfile(profile, view.profile))) &&
    (owner_id === undefined || view.owner_id === owner_id) &&
    (protocol === undefined || view.protocol === protocol) &&
    (expiring_before === undefined || Date.parse(view.not_after) <= Date.parse(expiring_before)) &&
    (expiring_after === undefined || Date.parse(view.not_after) >= Date.parse(expiring_after));

type Read = (cursor: string | undefined, limit: number) => Promise<Page>;

function byExpiry({ deps, call, query }: List): Read {
  const iso = (time: string | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
  const view = {
    name: "certificates",
    from: iso(query.expiring_after),
    to: iso(query.expiring_before),
    descending: query.sort === "-expires",
  };
  return async (after, limit) => {
    const page = await deps.log.list(call.principal.tenant, "certificate", { limit, after, view });
    const now = deps.clock.now();
    return { views: page.items.map(({ id, state }) => certificateView(id, state, now)), cursor: page.cursor };
  };
}

/** What is named exactly comes first, and alone unless the text may begin a name as well. */
function bySearch(served: List, text: string): Read {
  const names = byName(served, text.toLowerCase());
  const wanted = wantedBy(text);
  if (wanted === undefined) return names;
  const { tenant } = served.call.principal;
  return async (after, limit) => {
    if (after === undefined) {
      const ids = await idsOf(served.deps, tenant, wanted);
      const found = await Promise.all(ids.map((id) => served.deps.log.load(tenant, "certificate", id)));
      const now = served.deps.clock.now();
      const views = found.flatMap(({ id, state }) => (state === undefined ? [] : [certificateView(id, state, now)]));
      return { views, cursor: views.length > 0 && wanted.surely ? undefined : domains };
    }
    const page = await names(after === domains ? undefined : after, limit);
    const shown = wanted.by === "serial" ? wanted.serials : [];
    return { ...page, views: page.views.filter(({ serial }) => !shown.includes(serial)) };
  };
}

/** Cursor of who has seen what is named exactly. */
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
      found.map(async ({ sort, id }) => {
        const { state } = await deps.log.load(tenant, "certificate", id);
        if (state === undefined || firstOf(entriesOf(state)) !== sort) return [];
        return [certificateView(id, state, deps.clock.now())];
      }),
    );
    return { views: views.flat(), cursor: cursor ?? (range === inDomain ? beginnings : undefined) };
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
