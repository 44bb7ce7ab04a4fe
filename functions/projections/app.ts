/** Brings the read models of a tenant up to its log. */
import { projections } from "#events/projections/registry";
import { catchUp, type RunnerDeps } from "#events/projections/runner";

export async function runProjections(deps: RunnerDeps, tenant: string): Promise<void> {
  for (const projection of projections) await catchUp(deps, tenant, projection);
}
