import { circuitOf } from "#shared/domain/intervention/intervention";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";

/** What was counted of the destination until now counts no more; the commit rings the outbox, which tries at once. */
export async function resetCircuit(deps: Deps, call: Call, destination: string): Promise<void> {
  await change(deps, call, async () => ({
    stream: await deps.log.load(call.principal.tenant, "intervention", circuitOf(destination)),
    event: { type: "circuit.reset", data: { destination } },
    resource: destination,
  }));
}
