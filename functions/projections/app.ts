/** Brings the read models of a tenant up to its log, and with them what an edge serves. */
import { inventory } from "#events/projections/inventory";
import { projections } from "#events/projections/registry";
import { catchUp } from "#events/projections/runner";
import type { LoggedEvent } from "#shared/ports/event-log";
import type { PublicObjects } from "#shared/ports/public-objects";
import { followStatus } from "#shared/usecases/follow-status";
import type { FunctionDeps } from "../function.ts";

/** @param objects of the edge, if there is one: it follows by the cursor of the inventory, which waits for it */
export function createProjections(deps: FunctionDeps, objects?: PublicObjects) {
  const last = new Map<string, Promise<void>>();

  async function run(tenant: string): Promise<void> {
    const follow = objects && ((events: readonly LoggedEvent[]) => followStatus(deps, objects, tenant, events));
    for (const projection of projections)
      await catchUp(deps, tenant, projection, projection === inventory ? follow : undefined);
  }

  /** One run for a tenant at a time: in one process they would only take the row from each other. */
  return async (tenant: string): Promise<undefined> => {
    const mine = (last.get(tenant) ?? Promise.resolve()).catch(() => undefined).then(() => run(tenant));
    last.set(tenant, mine);
    try {
      await mine;
    } finally {
      if (last.get(tenant) === mine) last.delete(tenant);
    }
  };
}
