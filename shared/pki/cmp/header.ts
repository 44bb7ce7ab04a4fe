/** PKIHeader (RFC 9810 5.1.1). */
import { DerFields } from "../der/fields.ts";
import { type DerNode, readGeneralizedTime, readOctetString, readSmallInteger } from "../der/reader.ts";
import { explicit, generalizedTime, integer, octetString, sequenceOf } from "../der/writer.ts";
import { type InfoTypeAndValue, parseInfoTypes } from "./info-type.ts";

export interface Header {
  /** 1 (cmp1999), 2 (cmp2000), 3 (cmp2021), or what else stood there. */
  readonly pvno: number;
  /** GeneralName, DER. */
  readonly sender: Uint8Array;
  /** Name, DER, when the sender is a directoryName. */
  readonly senderName?: Uint8Array;
  readonly recipient: Uint8Array;
  readonly messageTimeMs?: number;
  /** AlgorithmIdentifier. */
  readonly protectionAlg?: DerNode;
  readonly senderKid?: Uint8Array;
  readonly recipKid?: Uint8Array;
  readonly transactionId?: Uint8Array;
  readonly senderNonce?: Uint8Array;
  readonly recipNonce?: Uint8Array;
  readonly generalInfo: readonly InfoTypeAndValue[];
  /** PKIHeader, DER: part of what is protected. */
  readonly der: Uint8Array;
}

/** Longer identifiers and nonces would be stored and sent back; 16 octets are usual (RFC 9483 3.1). */
const maxOctets = 64;

function octets(fields: DerFields, tag: number, name: string): Uint8Array | undefined {
  const node = fields.explicit(tag, name);
  if (node === undefined) return undefined;
  const value = readOctetString(node, name);
  return value.length > maxOctets ? node.fail(`${name}: ${value.length} octets; ${maxOctets} are read`) : value;
}

function generalName(node: DerNode, name: string): DerNode {
  const isChoice = (node.tag & 0xc0) === 0x80 && (node.tag & 0x1f) <= 8;
  return isChoice ? node : node.fail(`${name}: not a GeneralName`);
}

/** @throws Failure `malformed`. The version is not judged. */
export function parseHeader(node: DerNode): Header {
  const fields = new DerFields(node, "PKIHeader");
  const pvno = readSmallInteger(fields.next("pvno"), "pvno", 255);
  const sender = generalName(fields.next("sender"), "sender");
  const recipient = generalName(fields.next("recipient"), "recipient");
  const time = fields.explicit(0xa0, "messageTime");
  const protectionAlg = fields.explicit(0xa1, "protectionAlg");
  const senderKid = octets(fields, 0xa2, "senderKID");
  const recipKid = octets(fields, 0xa3, "recipKID");
  const transactionId = octets(fields, 0xa4, "transactionID");
  const senderNonce = octets(fields, 0xa5, "senderNonce");
  const recipNonce = octets(fields, 0xa6, "recipNonce");
  fields.explicit(0xa7, "freeText")?.expect(0x30, "freeText");
  const generalInfo = fields.explicit(0xa8, "generalInfo");
  fields.end();
  const name = sender.tag === 0xa4 ? sender.children()[0] : undefined;
  return {
    pvno,
    sender: sender.raw,
    ...(name && { senderName: name.raw }),
    recipient: recipient.raw,
    ...(time && { messageTimeMs: readGeneralizedTime(time, "messageTime") }),
    ...(protectionAlg && { protectionAlg: protectionAlg.expect(0x30, "protectionAlg") }),
    ...(senderKid && { senderKid }),
    ...(recipKid && { recipKid }),
    ...(transactionId && { transactionId }),
    ...(senderNonce && { senderNonce }),
    ...(recipNonce && { recipNonce }),
    generalInfo: generalInfo === undefined ? [] : parseInfoTypes(generalInfo, "generalInfo"),
    der: node.raw,
  };
}

export interface HeaderSpec {
  readonly pvno: number;
  /** GeneralName, DER. */
  readonly sender: Uint8Array;
  readonly recipient: Uint8Array;
  readonly messageTimeMs?: number | undefined;
  /** AlgorithmIdentifier, DER. */
  readonly protectionAlg?: Uint8Array | undefined;
  readonly senderKid?: Uint8Array | undefined;
  readonly transactionId?: Uint8Array | undefined;
  readonly senderNonce?: Uint8Array | undefined;
  readonly recipNonce?: Uint8Array | undefined;
  /** Encoded InfoTypeAndValues. */
  readonly generalInfo?: readonly Uint8Array[] | undefined;
}

export function headerDer(spec: HeaderSpec): Uint8Array {
  const kept = (n: number, value: Uint8Array | undefined) =>
    value === undefined ? [] : [explicit(n, octetString(value))];
  const { generalInfo = [], messageTimeMs, protectionAlg } = spec;
  return sequenceOf([
    integer(spec.pvno),
    spec.sender,
    spec.recipient,
    ...(messageTimeMs === undefined ? [] : [explicit(0, generalizedTime(messageTimeMs))]),
    ...(protectionAlg === undefined ? [] : [explicit(1, protectionAlg)]),
    ...kept(2, spec.senderKid),
    ...kept(4, spec.transactionId),
    ...kept(5, spec.senderNonce),
    ...kept(6, spec.recipNonce),
    ...(generalInfo.length === 0 ? [] : [explicit(8, sequenceOf(generalInfo))]),
  ]);
}

/** A Name as the directoryName that a header wants. @param name DER */
export const directoryName = (name: Uint8Array): Uint8Array => explicit(4, name);
