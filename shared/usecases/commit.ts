import type { Effect } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import { newId } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import type { Position, Snapshot } from "#shared/ports/event-log";
import type { Call, Deps } from "./deps.ts";

export interface Change {
  readonly stream: Snapshot;
  readonly event: DomainEvent;
  readonly touches?: readonly Snapshot[];
  readonly effects?: readonly Effect[];
  /** Milliseconds; default now. Give it where the same moment already stands in signed bytes. */
  readonly at?: number;
  /** Id of the resource that the answer shows; default the stream's. */
  readonly resource?: string;
}

const maxStale = 8;

/**
 * Loads, decides, commits; again from the start when something moved in between. `decide` must have no effects of its own.
 * @returns where the event stands
 * @throws Failure `conflict` when it keeps moving, `idempotency_replayed` when the same request was answered before
 */
export async function change(deps: Deps, call: Call, decide: () => Promise<Change>): Promise<Position> {
  for (let tries = 0; tries < maxStale; tries++) {
    const { stream, event, touches = [], effects = [], at = deps.clock.now(), resource = stream.id } = await decide();
    const { principal, idempotency, trace } = call;
    const outcome = await deps.log.commit({
      tenant: principal.tenant,
      actor: { subject: principal.subject, roles: principal.roles },
      at,
      stream,
      event,
      touches,
      effects,
      idempotency: idempotency === undefined ? undefined : { ...idempotency, resource },
      trace,
    });
    if (outcome.ok) return outcome.position;
    if (outcome.reason === "replayed")
      throw new Failure("idempotency_replayed", "the same request was answered before");
  }
  throw new Failure("conflict", "others change this at the same time; try again", { retryAfter: 1 });
}

/** The effect of making something known outside; its id is the receiver's idempotency key. */
export const effect = (deps: Deps, destination: string, payload: Effect["payload"]): Effect => ({
  id: newId(deps.clock.now()),
  destination,
  payload,
});
