/** The only source of time. Domain code never reads it: the caller puts the moment into the command. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May jump; nothing may depend on it being monotonic. */
  now(): number;
}
