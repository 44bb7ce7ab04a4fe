/** Typed values out of nodes. Each takes the node, a name for the message, and the tag when it is IMPLICIT. */
import { hex } from "#shared/kernel/bytes";
import type { DerNode } from "./reader.ts";
import { readGeneralizedTime, readUtcTime } from "./time.ts";

const tag = { boolean: 1, integer: 2, bitString: 3, octetString: 4, oid: 6, enumerated: 10 } as const;

/** X.667 puts 128-bit UUIDs below 2.25; nothing that is registered is larger, or deeper than these many arcs. */
const maxArc = 1n << 128n;
const maxArcs = 40;

/** Dotted decimal: what is read here can be written by `oid`. */
export function readOid(node: DerNode, what = "OBJECT IDENTIFIER"): string {
  const bytes = node.expect(tag.oid, what).content;
  let out = "";
  let arc = 0;
  let big: bigint | undefined;
  let arcs = 1;
  for (const byte of bytes) {
    // Arcs of 2.25 (X.667) are 128-bit: leave doubles before they round.
    if (big === undefined && arc > 0xffff_ffff) big = BigInt(arc);
    if (big === undefined) arc = arc * 128 + (byte & 0x7f);
    else big = (big << 7n) | BigInt(byte & 0x7f);
    if (big !== undefined && big >= maxArc) node.fail(`${what}: an arc of more than 128 bits`);
    if (byte >= 0x80) continue;
    if (++arcs > maxArcs) node.fail(`${what}: more than ${maxArcs} arcs`);
    if (out !== "") out += `.${big ?? arc}`;
    else if (big !== undefined) out = `2.${big - 80n}`;
    else out = arc < 80 ? `${arc < 40 ? 0 : 1}.${arc % 40}` : `2.${arc - 80}`;
    arc = 0;
    big = undefined;
  }
  return out;
}

/** Content octets of a non-negative INTEGER without the sign octet. */
export function readMagnitude(node: DerNode, what: string): Uint8Array {
  const bytes = node.expect(tag.integer, what).content;
  const first = bytes[0] as number;
  if (first >= 0x80) node.fail(`${what}: negative`);
  return first === 0 && bytes.length > 1 ? bytes.subarray(1) : bytes;
}

/** Non-negative INTEGER of at most 32 octets. */
export function readInteger(node: DerNode, what: string, as: number = tag.integer): bigint {
  const bytes = node.expect(as, what).content;
  if (bytes.length === 0 || bytes.length > 32) node.fail(`${what}: INTEGER of ${bytes.length} octets`);
  if ((bytes[0] as number) >= 0x80) node.fail(`${what}: negative`);
  if (bytes.length > 1 && bytes[0] === 0 && (bytes[1] as number) < 0x80) node.fail(`${what}: INTEGER is not minimal`);
  return BigInt(`0x${hex(bytes)}`);
}

/** Non-negative INTEGER or ENUMERATED up to `max`. */
export function readSmallInteger(node: DerNode, what: string, max: number, as: number = tag.integer): number {
  const value = readInteger(node, what, as);
  if (value > BigInt(max)) node.fail(`${what}: ${value} is more than ${max}`);
  return Number(value);
}

export const readEnumerated = (node: DerNode, what: string, max: number): number =>
  readSmallInteger(node, what, max, tag.enumerated);

export function readBoolean(node: DerNode, what: string, as: number = tag.boolean): boolean {
  const bytes = node.expect(as, what).content;
  if (bytes.length !== 1 || (bytes[0] !== 0 && bytes[0] !== 0xff)) node.fail(`${what}: BOOLEAN is neither 00 nor FF`);
  return bytes[0] === 0xff;
}

/** BIT STRING of whole octets: keys and signatures. */
export function readBitString(node: DerNode, what: string): Uint8Array {
  const bytes = node.expect(tag.bitString, what).content;
  if (bytes[0] !== 0) node.fail(`${what}: BIT STRING is not whole octets`);
  return bytes.subarray(1);
}

/**
 * Named bits, first bit first; DER strips trailing zero bits (X.690 11.2.2).
 * @returns the numbers of the bits that are set
 */
export function readNamedBits(node: DerNode, what: string, as: number = tag.bitString): number[] {
  const bytes = node.expect(as, what).content;
  const unused = bytes[0] ?? 8;
  if (unused > 7 || bytes.length > 9 || (bytes.length === 1 && unused !== 0)) node.fail(`${what}: bad BIT STRING`);
  const last = bytes[bytes.length - 1] as number;
  if (bytes.length > 1 && ((last & ((1 << unused) - 1)) !== 0 || ((last >> unused) & 1) === 0))
    node.fail(`${what}: trailing zero bits of a named bit list`);
  const out: number[] = [];
  for (let i = 0; i < (bytes.length - 1) * 8; i++)
    if (((bytes[1 + (i >> 3)] as number) & (0x80 >> (i & 7))) !== 0) out.push(i);
  return out;
}

export const readOctetString = (node: DerNode, what: string, as: number = tag.octetString): Uint8Array =>
  node.expect(as, what).content;

export function readNull(node: DerNode, what: string): void {
  node.expect(5, what);
}

/** UTCTime or GeneralizedTime as milliseconds since 1970 (RFC 5280 4.1.2.5). */
export function readTime(node: DerNode, what: string): number {
  if (node.tag === 0x17) return readUtcTime(node, what);
  return readGeneralizedTime(node.expect(0x18, what), what);
}

export { readGeneralizedTime } from "./time.ts";
export { readText } from "./text.ts";
