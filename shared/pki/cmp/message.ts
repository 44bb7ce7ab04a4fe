/** PKIMessage (RFC 9810 5.1): header, body, protection, extraCerts. */
import { DerFields } from "../der/fields.ts";
import { type DerLimits, type DerNode, readBitString, readDer } from "../der/reader.ts";
import { bitString, explicit, sequence, sequenceOf } from "../der/writer.ts";
import { type BodyType, bodyTypeNames, bodyTypes } from "./body-type.ts";
import { type Header, parseHeader } from "./header.ts";

export interface PkiMessage {
  readonly header: Header;
  readonly type: BodyType;
  /** Content of the body's alternative. */
  readonly content: DerNode;
  readonly protection?: Uint8Array;
  /** Certificates, DER. */
  readonly extraCerts: readonly Uint8Array[];
  /** ProtectedPart, DER: what the protection is over (5.1.3). */
  readonly protectedPart: Uint8Array;
  readonly der: Uint8Array;
}

/** Larger messages are not read. */
export const maxMessageBytes = 256 * 1024;
const limits: DerLimits = { maxBytes: maxMessageBytes, maxDepth: 24, maxElements: 16_384 };
const maxExtraCerts = 32;

/** One message within an element that has been read. @throws Failure `malformed` */
export function parseMessageNode(node: DerNode): PkiMessage {
  const fields = new DerFields(node, "PKIMessage");
  const headerNode = fields.next("header");
  const body = fields.next("body");
  const protection = fields.explicit(0xa0, "protection");
  const certificates = fields.explicit(0xa1, "extraCerts");
  fields.end();
  const header = parseHeader(headerNode);
  const type = (body.tag & 0xe0) === 0xa0 ? bodyTypeNames[body.tag & 0x1f] : undefined;
  if (type === undefined) return body.fail("PKIBody: not one of the alternatives 0 to 26");
  const [content, ...rest] = body.children();
  if (content === undefined || rest.length > 0) return body.fail(`PKIBody: expected one element in ${type}`);
  const extraCerts = certificates?.expect(0x30, "extraCerts").children() ?? [];
  if (extraCerts.length > maxExtraCerts)
    node.fail(`extraCerts: ${extraCerts.length} certificates; ${maxExtraCerts} are read`);
  return {
    header,
    type,
    content,
    ...(protection && { protection: readBitString(protection, "protection") }),
    extraCerts: extraCerts.map((certificate) => certificate.expect(0x30, "extraCerts").raw),
    protectedPart: sequence(headerNode.raw, body.raw),
    der: node.raw,
  };
}

/** @throws Failure `malformed` */
export const parseMessage = (der: Uint8Array): PkiMessage => parseMessageNode(readDer(der, limits));

/** PKIBody, DER. @param content DER of the alternative */
export const bodyDer = (type: BodyType, content: Uint8Array): Uint8Array => explicit(bodyTypes[type], content);

/** ProtectedPart of a message that is being made. */
export const protectedPart = (header: Uint8Array, body: Uint8Array): Uint8Array => sequence(header, body);

export interface MessageSpec {
  /** DER. */
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly protection?: Uint8Array | undefined;
  readonly extraCerts?: readonly Uint8Array[] | undefined;
}

export const messageDer = ({ header, body, protection, extraCerts = [] }: MessageSpec): Uint8Array =>
  sequenceOf([
    header,
    body,
    ...(protection === undefined ? [] : [explicit(0, bitString(protection))]),
    ...(extraCerts.length === 0 ? [] : [explicit(1, sequenceOf(extraCerts))]),
  ]);
