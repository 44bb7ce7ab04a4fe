/** Brings the read models of a tenant up to its log. */
import { projections } from "#events/projections/registry";
import { catchUp } from "#events/projections/runner";
import type { FunctionDeps } from "../function.ts";

export const createProjections =
  (deps: FunctionDeps) =>
  async (tenant: string): Promise<undefined> => {
    for (const projection of projections) await catchUp(deps, tenant, projection);
  };
