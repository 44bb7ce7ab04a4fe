import { type Aggregate, present, unconcerned } from "../aggregate.ts";

/** An outside effect (I7). It comes into being with the event that asks for it and is settled by an event of its own. */
export interface OutboxEntry {
  readonly destination: string;
  readonly payload: Readonly<Record<string, string | number>>;
  readonly status: "pending" | "delivered" | "dead";
  readonly attempts: number;
  readonly error: string | null;
  readonly created_at: string;
}

export type OutboxEvent =
  | { readonly type: "outbox.delivered"; readonly data: { readonly destination: string; readonly attempts: number } }
  | {
      readonly type: "outbox.dead";
      readonly data: { readonly destination: string; readonly attempts: number; readonly error: string };
    }
  | { readonly type: "outbox.redriven"; readonly data: { readonly destination: string } };

export const outboxAggregate: Aggregate<OutboxEntry> = {
  evolve(state, event, { time, effects }, id) {
    const asked = effects.find((effect) => effect.id === id);
    if (asked !== undefined) {
      return {
        destination: asked.destination,
        payload: asked.payload,
        status: "pending",
        attempts: 0,
        error: null,
        created_at: time,
      };
    }
    switch (event.type) {
      case "outbox.delivered":
        return { ...present(state, "outbox", event), status: "delivered", attempts: event.data.attempts };
      case "outbox.dead":
        return {
          ...present(state, "outbox", event),
          status: "dead",
          attempts: event.data.attempts,
          error: event.data.error,
        };
      case "outbox.redriven":
        return { ...present(state, "outbox", event), status: "pending", attempts: 0, error: null };
      default:
        return unconcerned("outbox", event);
    }
  },
  view: ({ status, created_at }) =>
    status === "delivered" ? undefined : { name: `outbox-${status}`, sort: created_at },
};
