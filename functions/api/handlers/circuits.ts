import { circuitOperations as operations } from "#shared/contracts/api/circuits";
import { resetCircuit } from "#shared/usecases/interventions";
import { circuitList, circuitNamed } from "../circuit-list.ts";
import { handle } from "../operation-handler.ts";

export const circuitHandlers = {
  "circuits.list": handle(operations.list, {
    run: async ({ deps, call }) => ({ body: { items: await circuitList(deps, call.principal.tenant) } }),
  }),
  "circuits.reset": handle(operations.reset, {
    show: ({ deps, call }, destination) => circuitNamed(deps, call.principal.tenant, destination),
    async run({ deps, call, params: { destination } }) {
      await circuitNamed(deps, call.principal.tenant, destination);
      await resetCircuit(deps, call, destination);
      return { resource: destination };
    },
  }),
};
