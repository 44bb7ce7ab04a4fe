import { compareWithLog } from "#events/log/compare";
import { projections } from "#events/projections/registry";
import { catchUp, replayProjection } from "#events/projections/runner";
import { soundIndex } from "#events/projections/index-entries";
import type { FunctionDeps } from "../function.ts";

/** Reads the whole log of the tenant: an audit, not a health check. */
export async function compareState(deps: FunctionDeps, tenant: string) {
  const { items, differing } = await compareWithLog(deps.log, deps.tables.tenant(tenant), tenant);
  const compared = await Promise.all(
    projections.map(async (projection) => {
      const stored = await catchUp(deps, tenant, projection);
      const replayed = await replayProjection(deps.log, tenant, projection);
      const indexed = await soundIndex(deps.log, deps.tables.tenant(tenant), tenant, projection);
      const quarantined_lanes = stored.cursor.quarantined.map(({ lane }) => lane);
      return {
        name: projection.name,
        clean: quarantined_lanes.length === 0 && indexed && JSON.stringify(stored) === JSON.stringify(replayed),
        quarantined_lanes,
      };
    }),
  );
  return {
    clean: differing.length === 0 && compared.every(({ clean }) => clean),
    items,
    differing,
    projections: compared,
  };
}
