import { type Aggregate, unconcerned } from "../aggregate.ts";

/**
 * What a person did by hand to something that otherwise looks after itself. The id names the thing; the revision tells what
 * came before the newest one from what came after it.
 */
export interface Intervention {
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export type InterventionEvent =
  | { readonly type: "circuit.reset"; readonly data: { readonly destination: string } }
  | { readonly type: "projection.retried"; readonly data: { readonly projection: string } };

export const circuitOf = (destination: string): string => `circuit:${destination}`;
export const projectionOf = (name: string): string => `projection:${name}`;

export const interventionAggregate: Aggregate<Intervention> = {
  evolve(_, event, { time, actor }) {
    switch (event.type) {
      case "circuit.reset":
      case "projection.retried":
        return { by: actor, at: time };
      default:
        return unconcerned("intervention", event);
    }
  },
};
