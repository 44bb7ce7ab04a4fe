import { projections } from "#events/projections/registry";
import { liftQuarantine } from "#events/projections/runner";
import { projectionOperations as operations } from "#shared/contracts/api/projections";
import { noteProjectionRetried } from "#shared/usecases/interventions";
import { handle } from "../operation-handler.ts";
import { projectionList, projectionNamed } from "../projection-list.ts";

export const projectionHandlers = {
  "projections.list": handle(operations.list, {
    run: async ({ deps, call }) => ({ body: { items: await projectionList(deps, call.principal.tenant) } }),
  }),
  "projections.retry": handle(operations.retry, {
    show: ({ deps, call }, name) => projectionNamed(deps, call.principal.tenant, name),
    async run({ deps, call, params: { name } }) {
      const { tenant } = call.principal;
      await projectionNamed(deps, tenant, name);
      // Before the commit, which rings those who follow the log.
      for (const one of projections) if (one.name === name) await liftQuarantine(deps, tenant, one);
      await noteProjectionRetried(deps, call, name);
      return { resource: name };
    },
  }),
};
