/** Chance from a seed: the same seed and round give the same faults at the same moments of the round. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [from, to]. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  chance(part: number): boolean;
  shuffled<T>(items: readonly T[]): T[];
}

/** mulberry32. @param seed, @param stream whole numbers */
export function randomFrom(seed: number, stream: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    pick(from) {
      const found = from[between(0, from.length - 1)];
      if (found === undefined) throw new TypeError("pick: nothing to pick from");
      return found;
    },
    chance: (part) => next() < part,
    shuffled(items) {
      const left = [...items];
      return items.map(() => left.splice(between(0, left.length - 1), 1)[0] as (typeof items)[number]);
    },
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
