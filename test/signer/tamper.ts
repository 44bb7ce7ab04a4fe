/** Bytes that our own writers would never write. */
import { type DerNode, readDer } from "#shared/pki/der/reader";
import { extension } from "#shared/pki/extensions";
import { sequence, sequenceOf, set, oid, tlv } from "#shared/pki/der/writer";
import { oids } from "#shared/pki/oids";

const raw = ({ raw: bytes }: DerNode): Uint8Array => bytes;

/** Fields of a TBSCertificate (RFC 5280 4.1) by their place, version counted. */
export const field = { serialNumber: 1, signature: 2, validity: 4, subject: 5, subjectPublicKeyInfo: 6, extensions: 7 };

/** @param der a constructed element of up to 1 MB. @returns it with one member instead of another, or with one more */
export function withMember(der: Uint8Array, at: number, member: Uint8Array): Uint8Array {
  const members = readDer(der, { maxBytes: 1_048_576 }).children().map(raw);
  members[at] = member;
  return sequenceOf(members);
}

/** BER: the outermost length with more octets than it needs (X.690 10.1). */
export function withLongLength(der: Uint8Array): Uint8Array {
  const [, first = 0] = der;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const length = octets === 0 ? [first] : [...der.subarray(2, 2 + octets)];
  return Uint8Array.from([der[0] as number, 0x80 | (length.length + 1), 0, ...length, ...der.subarray(2 + octets)]);
}

/** BER: the outermost element without a length of its own (X.690 8.1.3.6). */
export function withIndefiniteLength(der: Uint8Array): Uint8Array {
  const octets = (der[1] as number) < 0x80 ? 0 : (der[1] as number) & 0x7f;
  return Uint8Array.from([der[0] as number, 0x80, ...der.subarray(2 + octets), 0, 0]);
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** subjectAltName with one name of this context tag, whatever it holds. */
export const sanOf = (tag: number, content: string | Uint8Array): Uint8Array =>
  extension(oids.subjectAltName, false, sequence(tlv(tag, [typeof content === "string" ? bytesOf(content) : content])));

/** A Name with one common name of this string type. */
export const commonNameOf = (tag: number, content: string | Uint8Array): Uint8Array =>
  sequence(set(sequence(oid(oids.CN), tlv(tag, [typeof content === "string" ? bytesOf(content) : content]))));
