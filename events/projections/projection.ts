/**
 * A read model that follows the log asynchronously. One row of state. `apply` is pure, and what it makes of events in
 * different lanes does not depend on which it meets first: so a rebuild gives the same bytes.
 */
import type { LoggedEvent } from "#shared/ports/event-log";

export interface Projection<S> {
  readonly name: string;
  /** Another one when its state or its entries become others: what an earlier one made is made anew. Absent: the first. */
  readonly shape?: number;
  readonly initial: S;
  apply(state: S, event: LoggedEvent): S;
  /**
   * Of an index: what is to be found because of this event, for as long as the event is there. They follow from it alone
   * and never change, so that it does no harm to write them twice.
   */
  entries?(event: LoggedEvent): readonly IndexEntry[];
}

export interface IndexEntry {
  /** Unique in the index; it is read in the order of these. */
  readonly sort: string;
  /** Of the aggregate that is found. */
  readonly id: string;
}

/** Where a projection stands: the last sequence applied of each lane, and the lanes that it no longer follows. */
export interface Cursor {
  readonly lanes: readonly number[];
  readonly quarantined: readonly { readonly lane: number; readonly seq: number; readonly error: string }[];
}

export interface ProjectionRow<S> {
  /** Of the projection that made it. */
  readonly shape?: number;
  readonly cursor: Cursor;
  readonly state: S;
}

export const rowFor = <S>({ shape }: Projection<S>, cursor: Cursor, state: S): ProjectionRow<S> => ({
  ...(shape !== undefined && { shape }),
  cursor,
  state,
});
