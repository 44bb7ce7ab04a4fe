/** The signed attributes of a SCEP CertRep (RFC 8894 3.2.1), as they are signed: DER, SET OF (RFC 5652 5.4). */
import { utf8 } from "#shared/kernel/bytes";
import { attribute, readAttributes, singleValue } from "../cms/attributes.ts";
import { type DerNode, readDer, readOctetString, readOid, readText, tags } from "../der/reader.ts";
import { octetString, oid, printableString, set, tlv, utf8String } from "../der/writer.ts";
import { byOid, cmsAttributeOids, oids } from "../oids.ts";

/** RFC 8894 3.2.1.3. */
export const pkiStatuses = { success: "0", failure: "2", pending: "3" } as const;
export type ScepStatus = keyof typeof pkiStatuses;

/** RFC 8894 3.2.1.4. */
export const failInfos = { badAlg: "0", badMessageCheck: "1", badRequest: "2", badTime: "3", badCertId: "4" } as const;
export type FailInfo = keyof typeof failInfos;

export interface CertRepAttributes {
  /** SHA-256 of the content. */
  readonly messageDigest: Uint8Array;
  /** As the request had it: 1 to 255 characters of a PrintableString, as wide as that is read here. */
  readonly transactionId: string;
  readonly status: ScepStatus;
  /** With `failure`, and only then. */
  readonly failInfo?: FailInfo | undefined;
  /** For people; with `failInfo` only. 1 to 255 characters. */
  readonly failInfoText?: string | undefined;
  /** 16 octets (RFC 8894 3.2.1.5). */
  readonly senderNonce: Uint8Array;
  /** As the request had it: 16 octets, but for clients that count otherwise 1 to 64. */
  readonly recipientNonce: Uint8Array;
}

const certRep = "3"; // RFC 8894 3.2.1.2
const nonceBytes = 16;
const maxNonceBytes = 64;
const digestBytes = 32;
const maxText = 255;
const limits = { maxBytes: 4_096, maxDepth: 4, maxElements: 64 };

type AttributeName = keyof typeof cmsAttributeOids;

/** DER of the SET OF; in SignerInfo the same octets stand under the tag `[0]`. */
export function certRepAttributes(reply: CertRepAttributes): Uint8Array {
  const { messageDigest, transactionId, status, failInfo, failInfoText, senderNonce, recipientNonce } = reply;
  return set(
    attribute(cmsAttributeOids.contentType, oid(oids.data)),
    attribute(cmsAttributeOids.messageDigest, octetString(messageDigest)),
    attribute(cmsAttributeOids.transactionID, tlv(tags.printableString, [utf8(transactionId)])),
    attribute(cmsAttributeOids.messageType, printableString(certRep)),
    attribute(cmsAttributeOids.pkiStatus, printableString(pkiStatuses[status])),
    ...(failInfo === undefined ? [] : [attribute(cmsAttributeOids.failInfo, printableString(failInfos[failInfo]))]),
    ...(failInfoText === undefined ? [] : [attribute(cmsAttributeOids.failInfoText, utf8String(failInfoText))]),
    attribute(cmsAttributeOids.senderNonce, octetString(senderNonce)),
    attribute(cmsAttributeOids.recipientNonce, octetString(recipientNonce)),
  );
}

const attributeNames = byOid<AttributeName>(cmsAttributeOids);

/** Each attribute once, with one value; none that is not named above. */
function valuesOf(node: DerNode): ReadonlyMap<AttributeName, DerNode> {
  const attributes = readAttributes(node.expect(tags.set, "signed attributes"));
  const values = new Map<AttributeName, DerNode>();
  for (const dotted of attributes.keys()) {
    const name = attributeNames.get(dotted) ?? node.fail(`signed attribute ${dotted} does not belong to a CertRep`);
    const value = singleValue(attributes, dotted, name);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

function named<Name extends string>(table: Readonly<Record<Name, string>>, node: DerNode, what: string): Name {
  const code = readText(node.expect(tags.printableString, what), what);
  const found = Object.entries<string>(table).find(([, one]) => one === code)?.[0];
  return (found as Name | undefined) ?? node.fail(`${what} ${JSON.stringify(code)} is not served`);
}

function octets(node: DerNode, what: string, least: number, most = least): Uint8Array {
  const value = readOctetString(node, what);
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  if (value.length < least || value.length > most)
    node.fail(`${what} must have ${expected} octets, not ${value.length}`);
  return value;
}

function text(node: DerNode, what: string, tag: number): string {
  const value = readText(node.expect(tag, what), what);
  const { length } = Array.from(value);
  return length > 0 && length <= maxText ? value : node.fail(`${what} must have 1 to ${maxText} characters`);
}

/** Of a CertRep and no other message. @throws Failure `malformed` */
export function parseCertRepAttributes(der: Uint8Array): CertRepAttributes {
  const node = readDer(der, limits);
  const values = valuesOf(node);
  const of = (name: AttributeName): DerNode => values.get(name) ?? node.fail(`signed attribute ${name} is missing`);
  const contentType = readOid(of("contentType"), "contentType");
  if (contentType !== oids.data) node.fail(`contentType ${contentType} must be data`);
  const messageType = text(of("messageType"), "messageType", tags.printableString);
  if (messageType !== certRep) node.fail(`messageType ${JSON.stringify(messageType)} is no CertRep`);
  const status = named(pkiStatuses, of("pkiStatus"), "pkiStatus");
  const failInfo = values.get("failInfo");
  const failInfoText = values.get("failInfoText");
  if ((status === "failure") !== (failInfo !== undefined)) node.fail("failInfo stands in failures, and only there");
  if (failInfoText !== undefined && failInfo === undefined) node.fail("failInfoText stands beside failInfo only");
  return {
    messageDigest: octets(of("messageDigest"), "messageDigest", digestBytes),
    transactionId: text(of("transactionID"), "transactionID", tags.printableString),
    status,
    ...(failInfo !== undefined && { failInfo: named(failInfos, failInfo, "failInfo") }),
    ...(failInfoText !== undefined && { failInfoText: text(failInfoText, "failInfoText", tags.utf8String) }),
    senderNonce: octets(of("senderNonce"), "senderNonce", nonceBytes),
    recipientNonce: octets(of("recipientNonce"), "recipientNonce", 1, maxNonceBytes),
  };
}
