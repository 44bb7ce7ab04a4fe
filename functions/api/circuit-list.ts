/** Every destination that this release knows, and any other of which something waits or has failed, with its circuit. */
import { readCircuit, stateOf, troubledDestinations } from "#events/outbox/circuit";
import { circuitOf } from "#shared/domain/intervention/intervention";
import { destinationFacts, destinations } from "#shared/domain/outbox/destinations";
import { Failure } from "#shared/kernel/failure";
import type { FunctionDeps } from "../function.ts";

const mostCounted = 1_000;

export async function circuitList(deps: FunctionDeps, tenant: string) {
  const [troubled, pending, dead] = await Promise.all([
    troubledDestinations(deps, tenant),
    countBy(deps, tenant, "pending"),
    countBy(deps, tenant, "dead"),
  ]);
  const names = new Set([...Object.keys(destinations), ...troubled, ...pending.keys(), ...dead.keys()]);
  return Promise.all(
    [...names].sort().map(async (destination) => {
      const facts = destinationFacts(destination);
      const circuit = await readCircuit(deps, tenant, destination);
      const reset = (await deps.log.load(tenant, "intervention", circuitOf(destination))).state;
      const state = circuit === undefined ? "closed" : stateOf(circuit, deps.clock.now());
      return {
        destination,
        does: facts?.does ?? null,
        state,
        breaks: facts?.own !== true,
        failures: circuit?.failures ?? 0,
        failing_since: circuit === undefined || circuit.since === 0 ? null : isoTime(circuit.since),
        next_try_at: circuit !== undefined && state === "open" ? isoTime(circuit.openUntil) : null,
        last_error: circuit === undefined || circuit.error === "" ? null : circuit.error,
        pending: pending.get(destination) ?? 0,
        dead: dead.get(destination) ?? 0,
        reset_at: reset?.at ?? null,
        reset_by: reset?.by ?? null,
      };
    }),
  );
}

/** @throws Failure `not_found` for a name that no destination has */
export async function circuitNamed(deps: FunctionDeps, tenant: string, destination: string) {
  const found = (await circuitList(deps, tenant)).find((circuit) => circuit.destination === destination);
  if (found === undefined)
    throw new Failure("not_found", `there is no destination ${destination}; the list of circuits has all of them`);
  return found;
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

async function countBy({ log }: FunctionDeps, tenant: string, status: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const { items } = await log.list(tenant, "outbox", { limit: mostCounted, view: { name: `outbox-${status}` } });
  for (const { state } of items) counts.set(state.destination, (counts.get(state.destination) ?? 0) + 1);
  return counts;
}
