/** What a request is to the specification: what is sent, and what it must come to in the state that it meets. */
import type { Appended } from "../../tail.ts";
import type { HttpRequest } from "../estate.ts";
import type { Spec, TenantSpec } from "../spec.ts";

export interface Outcome {
  readonly status: number;
  /** The event that it comes to; none for a refusal. */
  readonly event?: string;
  readonly apply?: (event: Appended) => void;
  /** The id that the answer shows, of the event's stream or of what it is about. */
  readonly shows?: (event: Appended) => string;
}

export interface Asked extends HttpRequest {
  readonly text: string;
  /** Waits for the outbox, or signs; what is cut there may leave a signature behind. */
  readonly publishes?: true;
  readonly signs?: true;
  /** What it must come to now. */
  readonly outcome: (spec: Spec, tenant: TenantSpec) => Outcome;
}

export interface Wish {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export type Maker = (tenant: TenantSpec, wish: Wish) => Asked;

export const pick = <T>(all: Iterable<T>, at: number): T | undefined => {
  const list = [...all];
  return list[at % Math.max(list.length, 1)];
};

/** The one at hand; sometimes one that does not exist. Undefined where there is none yet: then the maker makes one first. */
export const chosen = (all: Iterable<string>, at: number): string | undefined => (at === 11 ? "nobody" : pick(all, at));

export const refused = (status: number): Outcome => ({ status });
export const ofStream = ({ stream }: Appended): string => stream.id;

let names = 0;
export const fresh = (prefix: string): string => `${prefix} ${++names}`;
