/** CMP responses as a CA writes them, to be changed in one place each (RFC 9810 5.1). */
import { fromHex } from "#shared/kernel/bytes";
import {
  explicit,
  generalizedTime,
  integer,
  null_,
  octetString,
  oid,
  sequence,
  sequenceOf,
  tlv,
} from "#shared/pki/der/writer";
import { commonName, nameDer } from "#shared/pki/name";
import { algorithmIdentifier } from "#shared/pki/signature-algorithm";

const octets = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const directoryName = (name: Uint8Array): Uint8Array => explicit(4, name);

/** By context tag, `undefined` for one that is left out; the first two are the versions and names. */
export interface HeaderParts {
  readonly pvno?: Uint8Array;
  readonly sender?: Uint8Array;
  readonly recipient?: Uint8Array;
  readonly fields?: Readonly<Record<number, Uint8Array | undefined>>;
}

export function cmpHeader(senderNameDer: Uint8Array, nowMs: number, over: HeaderParts = {}): Uint8Array {
  const fields: Record<number, Uint8Array | undefined> = {
    0: generalizedTime(nowMs),
    1: algorithmIdentifier("sha256WithRSAEncryption"),
    4: octetString(octets(16, 1)),
    5: octetString(octets(16, 2)),
    6: octetString(octets(16, 3)),
    ...over.fields,
  };
  return sequence(
    over.pvno ?? integer(2),
    over.sender ?? directoryName(senderNameDer),
    over.recipient ?? directoryName(nameDer(commonName("client"))),
    ...Object.entries(fields).flatMap(([tag, value]) => (value === undefined ? [] : [explicit(Number(tag), value)])),
  );
}

export const protectedPart = (header: Uint8Array, body: Uint8Array): Uint8Array => sequence(header, body);

export const status = (code: number, ...more: readonly Uint8Array[]): Uint8Array => sequence(integer(code), ...more);
const minusOne = fromHex("0201ff");

/** CertRepMessage with one CertResponse. */
export const certRepMessage = (certificate: Uint8Array, ...pairMore: readonly Uint8Array[]): Uint8Array =>
  sequence(sequence(sequence(minusOne, status(0), sequence(explicit(0, certificate), ...pairMore))));

export const general = (...infos: readonly (readonly [type: string, value?: Uint8Array])[]): Uint8Array =>
  sequenceOf(infos.map(([type, value]) => sequence(oid(type), ...(value === undefined ? [] : [value]))));

/** One body of each kind that is a response; `certificate` is what is handed out. */
export const responseBodiesWith = (certificate: Uint8Array, caCertificate: Uint8Array) => ({
  ip: explicit(1, certRepMessage(certificate)),
  cp: explicit(3, certRepMessage(certificate)),
  kup: explicit(8, certRepMessage(certificate)),
  "a waiting cp": explicit(3, sequence(sequence(sequence(integer(0), status(3))))),
  rp: explicit(12, sequence(sequence(status(0)))),
  pkiconf: explicit(19, null_()),
  "genp with CAs": explicit(22, general(["1.3.6.1.5.5.7.4.17", sequence(caCertificate)])),
  "genp with a template": explicit(22, general(["1.3.6.1.5.5.7.4.19"], ["1.3.6.1.5.5.7.4.18"])),
  error: explicit(23, sequence(status(2, sequence(tlv(0x0c, [Buffer.from("no")])), fromHex("03020780")))),
  pollRep: explicit(26, sequence(sequence(integer(0), integer(5)))),
});
