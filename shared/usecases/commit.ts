import type { AggregateKind, Effect } from "#shared/domain/aggregate";
import type { DomainEvent } from "#shared/domain/events";
import type { DestinationName } from "#shared/domain/outbox/destinations";
import { newId, randomBytes } from "#shared/crypto/random";
import { Failure } from "#shared/kernel/failure";
import type { Snapshot } from "#shared/ports/event-log";
import type { Call, Deps } from "./deps.ts";

export interface Change<K extends AggregateKind> {
  readonly stream: Snapshot<K>;
  readonly event: DomainEvent;
  readonly touches?: readonly Snapshot[];
  readonly effects?: readonly Effect[];
  /** Milliseconds; default now. Give it where the same moment already stands in signed bytes. */
  readonly at?: number;
  /** Id of the resource that the answer shows; default the stream's. */
  readonly resource?: string;
}

const maxTries = 100;
/** The first tries go at once; then those who compete for one aggregate step out of each other's way. */
const eagerTries = 3;
const maxPauseMs = 20;

/**
 * Loads, decides, commits; again from the start when something moved in between. `decide` must have no effects of its own.
 * @returns the stream's aggregate as the event left it
 * @throws Failure `conflict` when it keeps moving, `idempotency_replayed` when the same request was answered before
 */
export async function change<K extends AggregateKind>(
  deps: Pick<Deps, "log" | "clock">,
  call: Call,
  decide: () => Promise<Change<K>>,
): Promise<Snapshot<K>> {
  for (let tries = 0; tries < maxTries; tries++) {
    if (tries >= eagerTries) await pause(((randomBytes(1)[0] ?? 0) / 256) * maxPauseMs);
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
    if (outcome.ok) return outcome.after as Snapshot<K>;
    if (outcome.reason === "replayed")
      throw new Failure("idempotency_replayed", "the same request was answered before");
  }
  throw new Failure("conflict", "others change this at the same time; try again", { retryAfter: 1 });
}

/** The effect of making something known outside; its id is the receiver's idempotency key. */
export const effect = (deps: Deps, destination: DestinationName, payload: Effect["payload"]): Effect => ({
  id: newId(deps.clock.now()),
  destination,
  payload,
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
