/** Brings the read models of a tenant up to its log. */
import { projections } from "#events/projections/registry";
import { catchUp } from "#events/projections/runner";
import type { FunctionDeps } from "../function.ts";

export function createProjections(deps: FunctionDeps) {
  const last = new Map<string, Promise<void>>();

  async function run(tenant: string): Promise<void> {
    for (const projection of projections) await catchUp(deps, tenant, projection);
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
