/** The read models of a tenant: how far each has come in every lane, and which lanes it no longer follows. */
import { projections } from "#events/projections/registry";
import { readProjection } from "#events/projections/runner";
import { projectionOf } from "#shared/domain/intervention/intervention";
import { Failure } from "#shared/kernel/failure";
import type { FunctionDeps } from "../function.ts";

export async function projectionList({ log, tables }: FunctionDeps, tenant: string) {
  const heads = await log.heads(tenant);
  return Promise.all(
    projections.map(async (projection) => {
      const row = await readProjection(tables.tenant(tenant), tenant, projection);
      const retried = (await log.load(tenant, "intervention", projectionOf(projection.name))).state;
      const behind = heads.map(({ lane, seq }) => Math.max(0, seq - (row?.cursor.lanes[lane] ?? 0)));
      return {
        name: projection.name,
        events_behind: behind.reduce((sum, events) => sum + events, 0),
        quarantined: (row?.cursor.quarantined ?? []).map(({ lane, seq, error }) => ({
          lane,
          sequence: seq,
          error,
          events_behind: behind[lane] ?? 0,
        })),
        retried_at: retried?.at ?? null,
        retried_by: retried?.by ?? null,
      };
    }),
  );
}

/** @throws Failure `not_found` */
export async function projectionNamed(deps: FunctionDeps, tenant: string, name: string) {
  const found = (await projectionList(deps, tenant)).find((one) => one.name === name);
  if (found === undefined) throw new Failure("not_found", `there is no projection ${name}`);
  return found;
}
