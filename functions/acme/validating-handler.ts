import { network } from "../lambda/parts/network.ts";
import { settings } from "../lambda/parts/settings.ts";
import { table } from "../lambda/parts/table.ts";
import { wakeLambda } from "../lambda/wakes.ts";
import { createValidations } from "./validating.ts";

/** Longer than any validation takes; of a process that ended in the middle of one, the next begins after this. */
const claimMs = 180_000;

export const handler = wakeLambda({
  name: "acme-validating",
  parts: [table, network, settings],
  create(deps) {
    // Several environments look at the same tenant: who answers slowly is asked by one of them.
    const { look, settled } = createValidations(deps, undefined, (tenant, id) =>
      deps.shortLived.put(tenant, `acme-validating/${id}`, "", claimMs),
    );
    return async (tenant) => {
      const again = await look(tenant);
      await settled(); // an environment that has answered is frozen
      return again;
    };
  },
});
