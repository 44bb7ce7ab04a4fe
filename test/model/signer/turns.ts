/** Who goes on next, wherever several wait for the store: drawn by a seed, so that a history can be had again. */
import { setImmediate as settled } from "node:timers/promises";

export interface Turns {
  /** Waits for its turn. */
  gate(): Promise<void>;
  /** Gives turns until `work` is done. */
  until<T>(work: Promise<T>): Promise<T>;
  /** 0 ≤ x < below. */
  draw(below: number): number;
}

export function createTurns(seed: number): Turns {
  let state = seed >>> 0;
  const waiting: (() => void)[] = [];

  /** mulberry32 */
  function draw(below: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  return {
    draw,
    gate: () => new Promise((resolve) => void waiting.push(resolve)),
    async until(work) {
      let done = false;
      const end = (): void => void (done = true);
      work.then(end, end);
      while (!done) {
        await settled();
        const [next] = waiting.splice(draw(waiting.length), 1);
        next?.();
      }
      return work;
    },
  };
}
