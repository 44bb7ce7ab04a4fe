import type { AggregateKind } from "#shared/domain/aggregate";
import type { States } from "#shared/domain/registry";
import { decodeCursor, encodeCursor } from "#shared/http/cursor";
import type { ListStates } from "#shared/ports/event-log";
import type { Outcome, Served } from "./operation-handler.ts";

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What one request looks at; with fewer found it says where to go on. */
const mostExamined = 2_000;

/**
 * One page of a kind, each item rendered by `view`.
 * @param wanted looked at one by one, so a page may be short or empty and still have a next
 */
export async function page<K extends AggregateKind>(
  { deps, call, query }: Served<unknown, PageQuery>,
  kind: K,
  view: (id: string, state: States[K]) => object | Promise<object>,
  through?: ListStates["view"],
  wanted: (state: States[K]) => boolean = () => true,
): Promise<Outcome> {
  const found: { readonly id: string; readonly state: States[K] }[] = [];
  let cursor = decodeCursor(kind, query.cursor);
  for (let examined = 0; ; ) {
    const limit = query.limit - found.length;
    const read = await deps.log.list(call.principal.tenant, kind, {
      limit,
      after: cursor,
      ...(through !== undefined && { view: through }),
    });
    examined += limit;
    found.push(...read.items.filter(({ state }) => wanted(state)));
    cursor = read.cursor;
    if (cursor === undefined || found.length >= query.limit || examined >= mostExamined) break;
  }
  return {
    body: {
      items: await Promise.all(found.map(async ({ id, state }) => view(id, state))),
      next_cursor: encodeCursor(kind, cursor),
    },
  };
}

/** @param asked `name`, any version; or `name@version` @param has what a state names, null: the default profile */
export const usesProfile = (asked: string | undefined, has: string | null): boolean =>
  asked === undefined || (has ?? "default") === asked || (has ?? "default").split("@")[0] === asked;
