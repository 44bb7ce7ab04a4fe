/**
 * Strict DER (X.690 10, 11) over views of the input. `readDer` walks the whole tree once and refuses whatever is not
 * DER or is over a limit; the nodes are then made lazily and need no further checks of structure.
 */
import { Failure } from "#shared/kernel/failure";
import { checkPrimitive } from "./primitive.ts";

export interface DerLimits {
  /** Default 64 KiB. */
  readonly maxBytes?: number | undefined;
  /** Nesting of constructed elements; default 16, a CSR needs 8. */
  readonly maxDepth?: number | undefined;
  /** All elements at all levels; default 4096. */
  readonly maxElements?: number | undefined;
  /** `field` of the Failure. */
  readonly field?: string | undefined;
}

interface Input {
  readonly bytes: Uint8Array;
  readonly maxDepth: number;
  readonly maxElements: number;
  readonly field: string | undefined;
  elements: number;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const describeTag = (tag: number): string => `0x${tag.toString(16).padStart(2, "0")}`;

/** One element. `content` and `raw` are views: copy before keeping them longer than the input. */
export class DerNode {
  readonly #input: Input;
  readonly #start: number;
  readonly #contentStart: number;
  readonly #end: number;
  /** The full identifier octet: class, constructed bit and number. */
  readonly tag: number;

  constructor(input: Input, start: number, contentStart: number, end: number) {
    this.#input = input;
    this.#start = start;
    this.#contentStart = contentStart;
    this.#end = end;
    this.tag = input.bytes[start] as number;
  }

  get constructed(): boolean {
    return (this.tag & 0x20) !== 0;
  }

  get content(): Uint8Array {
    return this.#input.bytes.subarray(this.#contentStart, this.#end);
  }

  /** Header included. */
  get raw(): Uint8Array {
    return this.#input.bytes.subarray(this.#start, this.#end);
  }

  get length(): number {
    return this.#end - this.#contentStart;
  }

  get field(): string | undefined {
    return this.#input.field;
  }

  /** @throws Failure `malformed` when this element is primitive. */
  children(): DerNode[] {
    if (!this.constructed) this.fail(`element ${describeTag(this.tag)} has no members`);
    const { bytes } = this.#input;
    const out: DerNode[] = [];
    for (let at = this.#contentStart; at < this.#end; ) {
      const first = bytes[at + 1] as number;
      let start = at + 2;
      let length = first;
      if (first >= 0x80) {
        length = 0;
        for (const stop = start + (first & 0x7f); start < stop; start++)
          length = length * 256 + (bytes[start] as number);
      }
      out.push(new DerNode(this.#input, at, start, start + length));
      at = start + length;
    }
    return out;
  }

  /** @throws Failure `malformed` when the tag is another one. */
  expect(tag: number, what: string): this {
    if (this.tag !== tag) this.fail(`${what}: expected element ${describeTag(tag)}, got ${describeTag(this.tag)}`);
    return this;
  }

  fail(detail: string): never {
    throw malformed(detail, this.#input.field);
  }
}

const malformed = (detail: string, field: string | undefined): Failure =>
  new Failure("malformed", detail, field === undefined ? {} : { field });

function scan(input: Input, start: number, end: number, depth: number): number {
  const { bytes } = input;
  const fail = (at: number, detail: string): never => {
    throw malformed(`not DER at byte ${at}: ${detail}`, input.field);
  };
  if (++input.elements > input.maxElements) fail(start, `more than ${input.maxElements} elements`);
  if (depth > input.maxDepth) fail(start, `nested deeper than ${input.maxDepth}`);
  if (end - start < 2) fail(start, "the element is cut off");
  const tag = bytes[start] as number;
  if ((tag & 0x1f) === 0x1f) fail(start, "tag numbers above 30 are not used here");
  const first = bytes[start + 1] as number;
  let at = start + 2;
  let length = first;
  if (first === 0x80) fail(start, "indefinite length");
  if (first > 0x80) {
    const octets = first & 0x7f;
    if (octets > 4) fail(start, `length of ${octets} octets`);
    if (octets > end - at) fail(start, "the element is cut off");
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at++] as number);
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) fail(start, "length is not minimal");
  }
  if (length > end - at) fail(start, `length ${length} goes beyond the ${end - at} bytes that are there`);
  const stop = at + length;
  if ((tag & 0x20) === 0) checkPrimitive(tag, bytes, at, stop, fail);
  else {
    if (tag < 0x40 && tag !== tags.sequence && tag !== tags.set) fail(start, `constructed ${describeTag(tag)}`);
    while (at < stop) at = scan(input, at, stop, depth + 1);
  }
  return stop;
}

/**
 * Reads exactly one DER element that fills `bytes`.
 * @throws Failure `malformed`
 */
export function readDer(bytes: Uint8Array, limits: DerLimits = {}): DerNode {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`readDer: expected Uint8Array, got ${typeof bytes}`);
  const { maxBytes = 65_536, maxDepth = 16, maxElements = 4_096, field } = limits;
  if (bytes.length > maxBytes) throw malformed(`${bytes.length} bytes is more than the ${maxBytes} allowed`, field);
  const input: Input = { bytes, maxDepth, maxElements, field, elements: 0 };
  const stop = scan(input, 0, bytes.length, 1);
  if (stop !== bytes.length) throw malformed(`not DER: ${bytes.length - stop} bytes after the end`, field);
  const first = bytes[1] as number;
  return new DerNode(input, 0, first < 0x80 ? 2 : 2 + (first & 0x7f), stop);
}

export * from "./values.ts";
