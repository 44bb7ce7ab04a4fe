/** Entries of the outbox; those of one destination are looked for among all. */
import { readAttempt } from "#events/outbox/attempt";
import type { outboxOperations } from "#shared/contracts/api/outbox";
import type { OutboxEntry } from "#shared/domain/outbox/outbox";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import type { Outcome, ServedBy } from "./operation-handler.ts";
import { outboxView } from "./views.ts";

/** Of one request; with fewer found than asked for it says where to go on. */
const mostReads = 20;

export async function listEffects({ deps, call, query }: ServedBy<typeof outboxOperations.list>): Promise<Outcome> {
  const { tenant } = call.principal;
  const { status, destination, limit } = query;
  const table = deps.tables.tenant(tenant);
  const isMeant = (state: OutboxEntry): boolean => destination === undefined || state.destination === destination;
  const items: ReturnType<typeof outboxView>[] = [];
  let after = decodeCursor("outbox", query.cursor);
  for (let reads = 1; ; reads++) {
    const page = await deps.log.list(tenant, "outbox", {
      limit: limit - items.length, // never more than can be shown: the cursor stands behind all that was read
      after,
      ...(status !== undefined && { view: { name: `outbox-${status}` } }),
    });
    for (const entry of page.items.filter(({ state }) => isMeant(state))) {
      const attempt = entry.state.status === "pending" ? await readAttempt(table, tenant, entry) : undefined;
      items.push(outboxView(entry.id, entry.state, attempt));
    }
    after = page.cursor;
    // Half a page is one: for the rest of it every read would be shorter than the one before.
    if (after === undefined || items.length > limit / 2 || reads >= mostReads) break;
  }
  return { body: { items, next_cursor: encodeCursor("outbox", after) } };
}
