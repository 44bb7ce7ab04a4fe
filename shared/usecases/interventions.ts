/** What a person does by hand to what otherwise looks after itself: one event each, and the commit rings whoever waits. */
import { circuitOf, projectionOf } from "#shared/domain/intervention/intervention";
import { change } from "./commit.ts";
import type { Call, Deps } from "./deps.ts";

/** What was counted of the destination until now counts no more; the outbox tries at once. */
export async function resetCircuit(deps: Deps, call: Call, destination: string): Promise<void> {
  await change(deps, call, async () => ({
    stream: await deps.log.load(call.principal.tenant, "intervention", circuitOf(destination)),
    event: { type: "circuit.reset", data: { destination } },
    resource: destination,
  }));
}

/** Says who had a projection try its poisoned events again; the runner was told before. */
export async function noteProjectionRetried(deps: Deps, call: Call, projection: string): Promise<void> {
  await change(deps, call, async () => ({
    stream: await deps.log.load(call.principal.tenant, "intervention", projectionOf(projection)),
    event: { type: "projection.retried", data: { projection } },
    resource: projection,
  }));
}
