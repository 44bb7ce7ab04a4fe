/** A page of certificates. What no index tells is looked at item by item, so many of them; then the answer says where to go on. */
import { setImmediate as othersTurn } from "node:timers/promises";
import type { certificateOperations } from "#shared/contracts/api/certificates";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { bySearch } from "./certificates-by-search.ts";
import { byEnd, byExpiry, type Found, type Read } from "./certificates-in-order.ts";
import type { Outcome, ServedBy } from "./operation-handler.ts";
import { usesProfile } from "./pages.ts";

type List = ServedBy<typeof certificateOperations.list>;

/** What one request looks at; with fewer found it says where to go on. */
const mostExamined = 2_000;
/** What is looked at before others get their turn. */
const atOnce = 100;

export async function listCertificates(served: List): Promise<Outcome> {
  const { query } = served;
  const { list, read } = orderOf(served);
  const matches = matching(query);
  const items: Found["view"][] = [];
  let cursor = decodeCursor(list, query.cursor);
  for (let examined = 0; ; ) {
    const limit = examined === 0 ? query.limit : atOnce;
    const page = await read(cursor, limit);
    examined += limit;
    cursor = page.cursor;
    for (const [n, { view, place }] of page.found.entries()) {
      if (matches(view)) items.push(view);
      if (items.length < query.limit) continue;
      // What was read behind it belongs to the next page.
      if (n + 1 < page.found.length) cursor = place;
      break;
    }
    if (cursor === undefined || items.length >= query.limit || examined >= mostExamined) break;
    await othersTurn();
  }
  return { body: { items, next_cursor: encodeCursor(list, cursor) } };
}

/** The one index that serves it; a cursor belongs to its list. */
function orderOf(served: List): { readonly list: string; readonly read: Read } {
  const { q, status, sort } = served.query;
  if (q !== undefined) return { list: "certificate by name", read: bySearch(served, q) };
  if (status === "revoked" || status === "superseded")
    return { list: `certificate ${status} ${sort}`, read: byEnd(served, status) };
  return { list: `certificate ${sort}`, read: byExpiry(served) };
}

const matching =
  ({ status, issuer_id, profile, owner_id, protocol, expiring_before, expiring_after }: List["query"]) =>
  (view: Found["view"]): boolean =>
    (status === undefined || view.status === status || (status === "unrevoked" && view.status !== "revoked")) &&
    (issuer_id === undefined || view.issuer_id === issuer_id) &&
    (profile === undefined || (view.profile !== null && usesProfile(profile, view.profile))) &&
    (owner_id === undefined || view.owner_id === owner_id) &&
    (protocol === undefined || view.protocol === protocol) &&
    (expiring_before === undefined || Date.parse(view.not_after) <= Date.parse(expiring_before)) &&
    (expiring_after === undefined || Date.parse(view.not_after) >= Date.parse(expiring_after));
