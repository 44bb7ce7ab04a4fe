/** Changes that keep the lengths of DER right, so that what is changed gets as far as the parser's own rules. */
import type { Random } from "../random.ts";
import { type Mutate, mutateBytes, type Mutation } from "./bytes.ts";

interface Element {
  readonly tag: number;
  /** Of an OCTET or BIT STRING too, where they hold DER. */
  readonly members?: readonly Element[];
  /** Without members: the content. With members: what stands before them (the octet of unused bits). */
  readonly content: Uint8Array;
}

const none = new Uint8Array(0);
const deepest = 24;

/** @returns undefined for what is not a row of definite-length elements */
function readRow(bytes: Uint8Array, depth: number): Element[] | undefined {
  const out: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84 || depth > deepest)
      return undefined;
    let start = at + 2;
    let length = first;
    if (first > 0x80) {
      length = 0;
      for (const stop = start + (first & 0x7f); start < stop; start++) length = length * 256 + (bytes[start] ?? 0);
    }
    if (start + length > bytes.length) return undefined;
    out.push(readElement(tag, bytes.subarray(start, start + length), depth));
    at = start + length;
  }
  return out;
}

function readElement(tag: number, content: Uint8Array, depth: number): Element {
  const prefix = tag === 0x03 && content[0] === 0 ? 1 : 0;
  const mayHold = (tag & 0x20) !== 0 || ((tag === 0x03 || tag === 0x04) && content.length > prefix + 1);
  const members = mayHold ? readRow(content.subarray(prefix), depth + 1) : undefined;
  return members === undefined ? { tag, content } : { tag, members, content: content.subarray(0, prefix) };
}

function write({ tag, members, content }: Element): Buffer {
  const body = members === undefined ? content : Buffer.concat([content, ...members.map(write)]);
  const { length } = body;
  const header =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : length < 0x10000
          ? [0x82, length >> 8, length & 255]
          : [0x83, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Uint8Array.of(tag, ...header), body]);
}

/** Every element with the way to it: the indexes of members. */
function places(element: Element, path: readonly number[] = []): (readonly number[])[] {
  return [path, ...(element.members ?? []).flatMap((member, i) => places(member, [...path, i]))];
}

const at = (element: Element, path: readonly number[]): Element =>
  path.reduce((node, i) => node.members?.[i] ?? node, element);

/** @param change gives what stands there instead: nothing, one or several elements */
function replaced(element: Element, path: readonly number[], change: (old: Element) => readonly Element[]): Element {
  const [index, ...rest] = path;
  if (index === undefined) return change(element)[0] ?? element;
  const members = (element.members ?? []).flatMap((member, i) =>
    i !== index ? [member] : rest.length === 0 ? change(member) : [replaced(member, rest, change)],
  );
  return { ...element, members };
}

const tags = [
  1, 2, 3, 4, 5, 6, 10, 12, 18, 19, 20, 22, 23, 24, 28, 30, 0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa2,
  0xa3, 0xa4,
];

type Change = (old: Element, mutation: Mutation) => readonly Element[];

const plain = ({ members, content }: Element): Uint8Array =>
  members === undefined ? content : Buffer.concat([content, ...members.map(write)]);

const small = (random: Random): Element =>
  random.pick<Element>([
    { tag: 5, content: none },
    { tag: 1, content: Uint8Array.of(random.pick([0, 1, 0xff])) },
    { tag: 2, content: Uint8Array.of(random.pick([0, 1, 2, 0x7f, 0x80, 0xff])) },
    { tag: 2, content: new Uint8Array(1 + random.below(70)).fill(random.pick([0, 1, 0x7f, 0x80])) },
    { tag: 0x30, members: [], content: none },
    { tag: 0x31, members: [], content: none },
    { tag: 4, content: none },
    { tag: 3, content: Uint8Array.of(random.below(9), random.below(256)) },
    { tag: 23, content: Buffer.from("250231000000Z") },
    { tag: 24, content: Buffer.from("20501231235959Z") },
    { tag: 24, content: Buffer.from("00000229000000Z") },
    { tag: 12, content: Buffer.from(random.pick(["", "a", "#00", "\0", "\u202e", "*.example", "a".repeat(300)])) },
  ]);

const changes: readonly Change[] = [
  () => [],
  (old) => [old, old],
  (old, { random }) => [{ ...old, tag: random.pick(tags) }],
  (old) => [{ tag: 0x30, members: [old], content: none }],
  (old) => old.members ?? [old],
  (old, { random }) => [old, small(random)],
  (old, { random }) => [small(random), old],
  (_, { random }) => [small(random)],
  (old, mutation) => [{ tag: old.tag, content: mutateBytes(plain(old), mutation) }],
  (old, mutation) => [{ tag: old.tag, content: mutateBytes(plain(old), mutation) }],
  (old, { random, dictionary }) =>
    dictionary.length === 0 ? [old] : [{ tag: old.tag, content: random.pick(dictionary) }],
  (old) => [{ ...old, ...(old.members && { members: old.members.toReversed() }) }],
  (old, { random, other }) => {
    const [donor] = readRow(other, 0) ?? [];
    return donor === undefined ? [old] : [at(donor, random.pick(places(donor)))];
  },
  (old, { random, other }) => {
    // The element of the other input that has the same tag fits where this one stood.
    const [donor] = readRow(other, 0) ?? [];
    const same =
      donor === undefined
        ? []
        : places(donor)
            .map((path) => at(donor, path))
            .filter(({ tag }) => tag === old.tag);
    return same.length === 0 ? [old] : [random.pick(same)];
  },
];

/** Mostly whole elements; sometimes bytes, also after them, so that lengths break too. */
export const mutateDer: Mutate = (input, mutation) => {
  const { random } = mutation;
  const [first, ...rest] = readRow(input, 0) ?? [];
  if (first === undefined || rest.length > 0 || random.oneIn(6)) return mutateBytes(input, mutation);
  let element = first;
  do element = replaced(element, random.pick(places(element)), (old) => random.pick(changes)(old, mutation));
  while (random.oneIn(2));
  const bytes = write(element);
  return random.oneIn(12) ? mutateBytes(bytes, mutation) : bytes;
};
