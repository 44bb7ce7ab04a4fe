/** RFC 8555 7.1.2.1: the account's orders, oldest first, without those that came to nothing. */
import { type Answer, jsonAnswer } from "#shared/http/answer";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import { orderNow } from "../order-view.ts";
import { assertPostAsGet } from "../payload.ts";
import { AcmeError } from "../problem.ts";
import type { AccountContext } from "../resource.ts";

/** The authorizations of each are looked at, up to 90: more orders would make one request dear. */
const pageSize = 10;
const cursorOf = "acme-orders";

export async function orders(context: AccountContext): Promise<Answer> {
  const { deps, endpoint, urls, account, ids, query, payload } = context;
  assertPostAsGet(payload);
  if (ids[0] !== account.id) throw new AcmeError("unauthorized", "these are the orders of another account");
  const after = decodeCursor(cursorOf, query.get("cursor") ?? undefined);
  const page = await deps.log.list(endpoint.tenant, "acme-order", {
    limit: pageSize,
    partition: account.id,
    after,
  });
  const shown: string[] = [];
  for (const { id, state } of page.items)
    if ((await orderNow(context, state)).status !== "invalid") shown.push(urls.order(id.slice(account.id.length + 1)));
  const answer = jsonAnswer({ orders: shown });
  const next = encodeCursor(cursorOf, page.cursor);
  return next === null
    ? answer
    : { ...answer, headers: { ...answer.headers, link: `<${urls.orders(account.id, next)}>;rel="next"` } };
}
