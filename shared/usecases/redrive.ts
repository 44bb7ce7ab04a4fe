import type { OutboxEntry } from "#shared/domain/outbox/outbox";
import { Failure } from "#shared/kernel/failure";
import type { Snapshot } from "#shared/ports/event-log";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";
import { existing, referenced } from "./load.ts";

/** Puts a dead effect back into the outbox. @throws Failure `conflict` for one that is not dead */
export async function redriveEffect(deps: Deps, call: Call, id: string): Promise<void> {
  await change(deps, call, async () => {
    const stream = await existing(deps, call.principal.tenant, "outbox", id);
    const { status, destination } = stream.state;
    if (status !== "dead")
      throw new Failure("conflict", `the effect is ${status}; only dead ones are redriven`, { field: "id" });
    return { stream, event: { type: "outbox.redriven", data: { destination } } };
  });
}

/** One transaction holds 100 rows: event, head, number of lanes, idempotency beside them. */
const mostAtOnce = 90;
const pageSize = 100;

export interface DeadEffects {
  readonly destination?: string | undefined;
  /** Id of an entry: only those that were asked for after it. What dies again at once stands where it stood before. */
  readonly after?: string | undefined;
}

/** Oldest first. @param most ends the search @throws Failure `unprocessable` for an entry that does not exist */
export async function deadEffects(deps: Deps, tenant: string, { destination, after }: DeadEffects, most: number) {
  const last = after === undefined ? undefined : await referenced(deps, tenant, "outbox", after, "after");
  const view = { name: "outbox-dead", from: last?.state.created_at };
  const isBehind = ({ id, state }: Listed): boolean =>
    last === undefined || state.created_at > last.state.created_at || id > last.id;
  const found: Listed[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.log.list(tenant, "outbox", { limit: pageSize, after: cursor, view });
    found.push(
      ...page.items.filter((one) => isBehind(one) && (destination ?? one.state.destination) === one.state.destination),
    );
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < most);
  return found.slice(0, most);
}

type Listed = Snapshot<"outbox"> & { readonly state: OutboxEntry };

/** Puts at most 90 of them back, in one event. @returns how many, and the id of the last */
export async function redriveEffects(deps: Deps, call: Call, which: DeadEffects) {
  const { tenant } = call.principal;
  if ((await deadEffects(deps, tenant, which, 1)).length === 0) return { redriven: 0, last: undefined };
  let redriven = 0;
  const { id } = await change(deps, call, async () => {
    const dead = await deadEffects(deps, tenant, which, mostAtOnce);
    // The last one carries the event: an answer that is given again knows by it where to go on.
    const stream = dead.at(-1);
    if (stream === undefined)
      throw new Failure("conflict", "others redrive the same effects at this time; look again", { retryAfter: 1 });
    redriven = dead.length;
    const { destination } = stream.state;
    return { stream, touches: dead.slice(0, -1), event: { type: "outbox.redriven", data: { destination } } };
  });
  return { redriven, last: id };
}
