import type { AggregateKind } from "#shared/domain/aggregate";
import type { States } from "#shared/domain/registry";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import type { ListStates } from "#shared/ports/event-log";
import type { Outcome, Served } from "./operation-handler.ts";

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of a kind, each item rendered by `view`. */
export async function page<K extends AggregateKind>(
  { deps, call, query }: Served<unknown, PageQuery>,
  kind: K,
  view: (id: string, state: States[K]) => object | Promise<object>,
  through?: ListStates["view"],
): Promise<Outcome> {
  const { items, cursor } = await deps.log.list(call.principal.tenant, kind, {
    limit: query.limit,
    after: decodeCursor(kind, query.cursor),
    ...(through !== undefined && { view: through }),
  });
  return {
    body: {
      items: await Promise.all(items.map(async ({ id, state }) => view(id, state))),
      next_cursor: encodeCursor(kind, cursor),
    },
  };
}
