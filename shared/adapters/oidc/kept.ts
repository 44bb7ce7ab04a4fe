import type { Clock } from "#shared/ports/clock";

export interface KeepOptions {
  readonly clock: Clock;
  /** What was fetched is used so long, milliseconds. */
  readonly forMs: number;
  /** Between two fetches that `renewed` asks for, milliseconds; also after one that failed. */
  readonly betweenMs: number;
}

export interface Kept<T> {
  current(): Promise<T>;
  /** Newer than what `current` gave, unless it is fetched too often. */
  renewed(): Promise<T>;
}

/** What a provider publishes: fetched once for all who wait, kept to an end, and asked for again at a bounded rate. */
export function keep<T>(fetch: () => Promise<T>, { clock, forMs, betweenMs }: KeepOptions): Kept<T> {
  let kept: { readonly value: T; readonly at: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let fetching: Promise<T> | undefined;

  const recent = (at: number, ms: number): boolean => at <= clock.now() && clock.now() < at + ms;

  function fetched(): Promise<T> {
    if (failed !== undefined && recent(failed.at, betweenMs)) return Promise.reject(failed.error as Error);
    fetching ??= fetch()
      .then(
        (value) => {
          kept = { value, at: clock.now() };
          failed = undefined;
          return value;
        },
        (error: unknown) => {
          failed = { error, at: clock.now() };
          throw error;
        },
      )
      .finally(() => (fetching = undefined));
    return fetching;
  }

  return {
    current: () => (kept !== undefined && recent(kept.at, forMs) ? Promise.resolve(kept.value) : fetched()),
    renewed: () => (kept !== undefined && recent(kept.at, betweenMs) ? Promise.resolve(kept.value) : fetched()),
  };
}
