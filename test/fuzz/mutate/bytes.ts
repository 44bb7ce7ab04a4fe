/** Changes that know nothing of a format: flips, cuts, copies, words of a dictionary, splices. */
import type { Random } from "../random.ts";

export interface Mutation {
  readonly random: Random;
  /** Another input of the corpus, to take parts from. */
  readonly other: Uint8Array;
  readonly dictionary: readonly Uint8Array[];
}

/** @returns new bytes; the input stays as it is */
export type Mutate = (input: Uint8Array, mutation: Mutation) => Uint8Array;

const interesting = [0x00, 0x01, 0x1f, 0x20, 0x22, 0x2e, 0x30, 0x5c, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xfe, 0xff];

function splice(input: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const stop = Math.min(input.length, at + remove);
  const out = new Uint8Array(input.length - (stop - at) + insert.length);
  out.set(input.subarray(0, at));
  out.set(insert, at);
  out.set(input.subarray(stop), at + insert.length);
  return out;
}

const changed = (input: Uint8Array, at: number, byte: number): Uint8Array => {
  const out = new Uint8Array(input); // a Buffer's own slice would share its memory
  if (out.length > 0) out[at] = byte;
  return out;
};

/** A piece of at most 32 bytes; now and then of any length. */
function piece(from: Uint8Array, random: Random): Uint8Array {
  const at = random.below(from.length + 1);
  const longest = random.oneIn(8) ? from.length : 32;
  return from.subarray(at, at + 1 + random.below(longest));
}

const steps: readonly Mutate[] = [
  (input, { random }) => {
    const at = random.below(input.length);
    return changed(input, at, (input[at] ?? 0) ^ (1 << random.below(8)));
  },
  (input, { random }) => changed(input, random.below(input.length), random.pick(interesting)),
  (input, { random }) => changed(input, random.below(input.length), random.below(256)),
  (input, { random }) => {
    const at = random.below(input.length);
    return changed(input, at, (input[at] ?? 0) + random.below(17) - 8);
  },
  (input, { random }) => splice(input, random.below(input.length + 1), 1 + random.below(8), new Uint8Array(0)),
  (input, { random }) =>
    splice(input, random.below(input.length + 1), random.below(input.length + 1), new Uint8Array(0)),
  (input, { random }) =>
    splice(
      input,
      random.below(input.length + 1),
      0,
      Uint8Array.from({ length: 1 + random.below(4) }, () => random.below(256)),
    ),
  (input, { random }) =>
    splice(
      input,
      random.below(input.length + 1),
      0,
      new Uint8Array(1 + random.below(64)).fill(random.pick(interesting)),
    ),
  (input, { random }) => splice(input, random.below(input.length + 1), 0, piece(input, random)),
  (input, { random, other }) => splice(input, random.below(input.length + 1), random.below(16), piece(other, random)),
  (input, { random, other }) =>
    splice(input, random.below(input.length + 1), input.length, other.subarray(random.below(other.length + 1))),
  (input, { random, dictionary }) =>
    dictionary.length === 0
      ? input
      : splice(input, random.below(input.length + 1), random.oneIn(2) ? random.below(12) : 0, random.pick(dictionary)),
];

/** One to four changes on top of each other. */
export const mutateBytes: Mutate = (input, mutation) => {
  let bytes = input;
  do bytes = mutation.random.pick(steps)(bytes, mutation);
  while (mutation.random.oneIn(2));
  return bytes;
};
