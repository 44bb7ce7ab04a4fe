/** One breaker for each (tenant, destination): 3 failures in a row open it for 30 s, then one probe decides. */
import { leftMs } from "./backoff.ts";

const threshold = 3;
const openMs = 30_000;

interface State {
  failures: number;
  openUntil: number;
}

export function createCircuits() {
  const states = new Map<string, State>();
  return {
    /** Milliseconds until a delivery may be tried; 0 is now. */
    wait(key: string, now: number): number {
      const state = states.get(key);
      return state === undefined || state.failures < threshold ? 0 : leftMs(state.openUntil, openMs, now);
    },
    succeeded(key: string): void {
      states.delete(key);
    },
    failed(key: string, now: number): void {
      const state = states.get(key) ?? { failures: 0, openUntil: 0 };
      state.failures++;
      if (state.failures >= threshold) state.openUntil = now + openMs;
      states.set(key, state);
    },
  };
}
