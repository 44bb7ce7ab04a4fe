/** DER straight into byte arrays: no object tree, one allocation for each element (docs/design/0003). */
import { utf8 } from "#shared/kernel/bytes";

/** One element of this identifier octet around the given parts. */
export function tlv(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += (parts[i] as Uint8Array).length;
  const octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
  const out = new Uint8Array(2 + octets + length);
  out[0] = tag;
  let at = 2;
  if (octets === 0) out[1] = length;
  else {
    out[1] = 0x80 | octets;
    for (let shift = (octets - 1) * 8; shift >= 0; shift -= 8) out[at++] = length >>> shift;
  }
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, parts);

/** For long lists: arguments are bounded by the stack. */
export const sequenceOf = (parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, parts);

/** SET OF: DER sorts the encodings (X.690 11.6). */
export const set = (...parts: readonly Uint8Array[]): Uint8Array =>
  tlv(0x31, parts.length < 2 ? parts : [...parts].sort((a, b) => Buffer.compare(a, b)));

const zero = new Uint8Array(1);

/** @param value non-negative, or magnitude octets, most significant first */
export function integer(value: number | bigint | Uint8Array, tag = 0x02): Uint8Array {
  if (typeof value !== "number" && typeof value !== "bigint") {
    let skip = 0;
    while (skip < value.length - 1 && value[skip] === 0) skip++;
    const magnitude = skip === 0 ? value : value.subarray(skip);
    if (magnitude.length === 0) return tlv(tag, [zero]);
    return tlv(tag, (magnitude[0] as number) >= 0x80 ? [zero, magnitude] : [magnitude]);
  }
  if (value < 0 || (typeof value === "number" && !Number.isSafeInteger(value)))
    throw new TypeError(`integer: expected a non-negative whole number, got ${value}`);
  if (value < 0x80) return Uint8Array.of(tag, 1, Number(value));
  const digits = value.toString(16);
  return integer(Uint8Array.from(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex")), tag);
}

export const enumerated = (value: number): Uint8Array => integer(value, 0x0a);

const encodedOids = new Map<string, Uint8Array>();

/** Dotted decimal to a whole OBJECT IDENTIFIER element; kept, so do not write into the result. */
export function oid(dotted: string): Uint8Array {
  const known = encodedOids.get(dotted);
  if (known !== undefined) return known;
  const element = encodeOid(dotted);
  // Names come from requests too: the cache must not grow with them.
  if (encodedOids.size < 512) encodedOids.set(dotted, element);
  return element;
}

function encodeOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d{0,38})){1,40}$/.test(dotted))
    throw new TypeError(`oid: not an object identifier: ${dotted}`);
  const arcs = dotted.split(".").map(BigInt);
  const [root, second, ...rest] = arcs as [bigint, bigint, ...bigint[]];
  if (root < 2n && second > 39n) throw new TypeError(`oid: second arc above 39: ${dotted}`);
  const octets: number[] = [];
  for (const arc of [root * 40n + second, ...rest]) {
    const base128 = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) base128.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...base128);
  }
  return tlv(0x06, [Uint8Array.from(octets)]);
}

export const octetString = (content: Uint8Array): Uint8Array => tlv(0x04, [content]);

/** Whole octets. */
export const bitString = (content: Uint8Array): Uint8Array => tlv(0x03, [zero, content]);

/** Named bit list without trailing zero bits (X.690 11.2.2). */
export function namedBits(bits: readonly number[], tag = 0x03): Uint8Array {
  const highest = Math.max(-1, ...bits);
  const content = new Uint8Array(1 + ((highest + 8) >> 3));
  content[0] = highest < 0 ? 0 : 7 - (highest & 7);
  for (const bit of bits) content[1 + (bit >> 3)] = (content[1 + (bit >> 3)] as number) | (0x80 >> (bit & 7));
  return tlv(tag, [content]);
}

export const utf8String = (text: string): Uint8Array => tlv(0x0c, [utf8(text)]);

/** @throws TypeError for characters outside X.680 41.4 */
export function printableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new TypeError(`printableString: not printable: ${text}`);
  return tlv(0x13, [utf8(text)]);
}

/** @param tag another one when IMPLICIT @throws TypeError for non-ASCII */
export function ia5String(text: string, tag = 0x16): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length !== text.length) throw new TypeError(`ia5String: not ASCII: ${text}`);
  return tlv(tag, [bytes]);
}

/** `[n] EXPLICIT`. */
export const explicit = (n: number, ...parts: readonly Uint8Array[]): Uint8Array => tlv(0xa0 | n, parts);

/** `[n] IMPLICIT` around the content of a primitive type. */
export const implicit = (n: number, content: Uint8Array): Uint8Array => tlv(0x80 | n, [content]);

/** `[n] IMPLICIT` around the members of a constructed type. */
export const implicitConstructed = (n: number, ...parts: readonly Uint8Array[]): Uint8Array => tlv(0xa0 | n, parts);

const yes = Uint8Array.of(0x01, 0x01, 0xff);
const no = Uint8Array.of(0x01, 0x01, 0x00);
export const boolean = (value: boolean): Uint8Array => (value ? yes : no);

const nothing = Uint8Array.of(0x05, 0x00);
export const null_ = (): Uint8Array => nothing;

export { generalizedTime, utcOrGeneralizedTime } from "./write-time.ts";
