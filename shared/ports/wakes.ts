/**
 * A doorbell (DESIGN §4): says that a lane of a tenant has something new. Unordered, at least once; a ring may come late,
 * doubled or never, so consumers read the log by cursor and a sweeper covers the silence.
 */
export interface Wake {
  readonly tenant: string;
  readonly lane: number;
}

export interface Wakes {
  /** Never fails and never waits: losing a ring is allowed. */
  ring(wake: Wake): void;
  /** @returns stop. `onWake` may be called concurrently for different wakes; what it throws is reported and dropped. */
  listen(onWake: (wake: Wake) => Promise<void>): () => Promise<void>;
}
