/**
 * A read model that follows the log asynchronously. One row of state. `apply` is pure, and what it makes of events in
 * different lanes does not depend on which it meets first: so a rebuild gives the same bytes.
 */
import type { LoggedEvent } from "#shared/ports/event-log";

export interface Projection<S> {
  readonly name: string;
  readonly initial: S;
  apply(state: S, event: LoggedEvent): S;
}

/** Where a projection stands: the last sequence applied of each lane, and the lanes that it no longer follows. */
export interface Cursor {
  readonly lanes: readonly number[];
  readonly quarantined: readonly { readonly lane: number; readonly seq: number; readonly error: string }[];
}

export interface ProjectionRow<S> {
  readonly cursor: Cursor;
  readonly state: S;
}
