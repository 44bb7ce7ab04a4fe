/**
 * ProtectedPart of a CMP response (RFC 9810 5.1.3): what its protection is computed over. Reads the messages that a CA or RA
 * answers with (5.1.2, 5.3) as far as one must know what they hand out; a request, or any other message, is refused.
 */
import { DerFields } from "./der/fields.ts";
import {
  type DerNode,
  readDer,
  readGeneralizedTime,
  readNull,
  readOctetString,
  readOid,
  readSmallInteger,
  tags,
} from "./der/reader.ts";
import { readSerial } from "./serial.ts";
import { parseSignatureAlgorithm, type SignatureAlgorithm } from "./signature-algorithm.ts";

/** Choices of PKIBody that are answers, by their tag (RFC 9810 5.1.2). */
export const responseBodies = {
  ip: 1,
  cp: 3,
  kup: 8,
  rp: 12,
  pkiconf: 19,
  genp: 22,
  error: 23,
  pollRep: 26,
} as const;
export type ResponseBody = keyof typeof responseBodies;

/** id-it (RFC 9810 F): what stands in generalInfo and in a general response. */
const infoTypes = {
  currentCRL: "1.3.6.1.5.5.7.4.6",
  implicitConfirm: "1.3.6.1.5.5.7.4.13",
  confirmWaitTime: "1.3.6.1.5.5.7.4.14",
  caCerts: "1.3.6.1.5.5.7.4.17",
  rootCaKeyUpdate: "1.3.6.1.5.5.7.4.18",
  certReqTemplate: "1.3.6.1.5.5.7.4.19",
  crls: "1.3.6.1.5.5.7.4.23",
} as const;

export interface ResponseHeader {
  /** Name of the sender, DER; anything but a directoryName is refused. */
  readonly senderDer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly messageTimeMs: number | undefined;
  /** One of ours: a message under a MAC is protected elsewhere. */
  readonly protectionAlgorithm: SignatureAlgorithm;
  readonly senderKeyId: Uint8Array | undefined;
  readonly transactionId: Uint8Array;
  readonly senderNonce: Uint8Array;
  /** Undefined in answers to a message that had none. */
  readonly recipientNonce: Uint8Array | undefined;
}

/** How a certificate is found again at its issuer. */
export interface HandedOut {
  readonly issuerDer: Uint8Array;
  /** Lower-case hex. */
  readonly serialHex: string;
}

export interface ProtectedResponse {
  readonly header: ResponseHeader;
  readonly body: ResponseBody;
  /** What ip, cp and kup give to the subject. */
  readonly certificates: readonly HandedOut[];
  /** What genp says that the CAs are: Certificate, DER. */
  readonly caCertificates: readonly Uint8Array[];
}

/** A response may hold a whole CRL. */
const limits = { maxBytes: 2 * 1024 * 1024, maxDepth: 24, maxElements: 400_000 };
const maxOctets = 64;

function octets(node: DerNode | undefined, what: string): Uint8Array | undefined {
  if (node === undefined) return undefined;
  const value = readOctetString(node, what);
  return value.length > 0 && value.length <= maxOctets
    ? value
    : node.fail(`${what} must have 1 to ${maxOctets} octets`);
}

function readHeader(node: DerNode): ResponseHeader {
  const fields = new DerFields(node, "PKIHeader");
  const pvno = fields.next("pvno");
  if (readSmallInteger(pvno, "pvno", 3) < 2) pvno.fail("pvno must be 2 or 3");
  const sender = fields.next("sender", 0xa4).children();
  if (sender.length !== 1) node.fail("PKIHeader.sender: directoryName with more than a Name");
  fields.next("recipient");
  const time = fields.explicit(0xa0, "messageTime");
  const algorithm = fields.explicit(0xa1, "protectionAlg") ?? node.fail("PKIHeader: protectionAlg is missing");
  const senderKeyId = octets(fields.explicit(0xa2, "senderKID"), "senderKID");
  octets(fields.explicit(0xa3, "recipKID"), "recipKID");
  const transactionId = octets(fields.explicit(0xa4, "transactionID"), "transactionID");
  const senderNonce = octets(fields.explicit(0xa5, "senderNonce"), "senderNonce");
  const recipientNonce = octets(fields.explicit(0xa6, "recipNonce"), "recipNonce");
  fields.explicit(0xa7, "freeText")?.expect(tags.sequence, "freeText");
  for (const info of fields.explicit(0xa8, "generalInfo")?.children() ?? []) readHeaderInfo(info);
  fields.end();
  return {
    senderDer: (sender[0] as DerNode).expect(tags.sequence, "sender").raw,
    messageTimeMs: time === undefined ? undefined : readGeneralizedTime(time, "messageTime"),
    protectionAlgorithm: parseSignatureAlgorithm(algorithm),
    senderKeyId,
    transactionId: transactionId ?? node.fail("PKIHeader: transactionID is missing"),
    senderNonce: senderNonce ?? node.fail("PKIHeader: senderNonce is missing"),
    recipientNonce,
  };
}

interface Info {
  readonly type: string;
  readonly value: DerNode | undefined;
}

/** InfoTypeAndValue. */
function readInfo(node: DerNode): Info {
  const [type, value, ...further] = node.expect(tags.sequence, "InfoTypeAndValue").children();
  if (type === undefined || further.length > 0) return node.fail("InfoTypeAndValue: a type and at most one value");
  return { type: readOid(type, "infoType"), value };
}

function readHeaderInfo(node: DerNode): void {
  const { type, value } = readInfo(node);
  if (type === infoTypes.implicitConfirm && value !== undefined) readNull(value, "implicitConfirm");
  else if (type === infoTypes.confirmWaitTime && value !== undefined) readGeneralizedTime(value, "confirmWaitTime");
  else node.fail(`generalInfo ${type} does not belong to a response`);
}

/** PKIStatusInfo (5.2.3). */
function readStatus(node: DerNode): void {
  const fields = new DerFields(node, "PKIStatusInfo");
  readSmallInteger(fields.next("status"), "PKIStatus", 6);
  fields.optional(tags.sequence);
  fields.optional(tags.bitString);
  fields.end();
}

/** CertRepMessage (5.3.4). */
function readCertificates(node: DerNode): HandedOut[] {
  const fields = new DerFields(node, "CertRepMessage");
  // Who is to be trusted is nothing that the holder of this key may say: a client takes it from a MAC it shares with the CA.
  if (fields.peek === 0xa1) node.fail("caPubs do not belong to a signed response");
  const responses = fields.next("response", tags.sequence).children();
  fields.end();
  return responses.flatMap((response) => {
    const members = new DerFields(response, "CertResponse");
    members.next("certReqId", tags.integer);
    readStatus(members.next("status"));
    const pair = members.optional(tags.sequence);
    members.end();
    return pair === undefined ? [] : [readCertifiedKeyPair(pair)];
  });
}

function readCertifiedKeyPair(node: DerNode): HandedOut {
  const fields = new DerFields(node, "CertifiedKeyPair");
  const certificate = fields.explicit(0xa0, "certificate") ?? node.fail("an encrypted certificate is not served");
  fields.end(); // no private key, no publication
  const tbs = new DerFields(new DerFields(certificate, "Certificate").next("tbsCertificate"), "TBSCertificate");
  tbs.explicit(0xa0, "version");
  const serialHex = readSerial(tbs.next("serialNumber"));
  tbs.next("signature");
  return { issuerDer: tbs.next("issuer").raw, serialHex };
}

/** RevRepContent (5.3.10). */
function readRevocations(node: DerNode): void {
  const fields = new DerFields(node, "RevRepContent");
  for (const status of fields.next("status", tags.sequence).children()) readStatus(status);
  fields.explicit(0xa0, "revCerts");
  fields.end();
}

/** GenRepContent (5.3.20): CAs, CRLs, and what a request should look like. */
function readGeneral(node: DerNode): Uint8Array[] {
  return node
    .expect(tags.sequence, "GenRepContent")
    .children()
    .flatMap((info) => {
      const { type, value } = readInfo(info);
      switch (type) {
        case infoTypes.caCerts:
          return (value?.expect(tags.sequence, "caCerts").children() ?? []).map(({ raw }) => raw);
        case infoTypes.rootCaKeyUpdate:
          return value === undefined ? [] : info.fail("a root that takes the place of another is not announced");
        case infoTypes.certReqTemplate:
        case infoTypes.currentCRL:
        case infoTypes.crls:
          return [];
        default:
          return info.fail(`general response ${type} is not served`);
      }
    });
}

/** ErrorMsgContent (5.3.21). */
function readError(node: DerNode): void {
  const fields = new DerFields(node, "ErrorMsgContent");
  readStatus(fields.next("pKIStatusInfo"));
  fields.optional(tags.integer);
  fields.optional(tags.sequence);
  fields.end();
}

/** PollRepContent (5.3.22). */
function readPolls(node: DerNode): void {
  for (const poll of node.expect(tags.sequence, "PollRepContent").children()) {
    const fields = new DerFields(poll, "PollRepContent");
    fields.next("certReqId", tags.integer);
    readSmallInteger(fields.next("checkAfter"), "checkAfter", 0x7fff_ffff);
    fields.optional(tags.sequence);
    fields.end();
  }
}

type Handed = Partial<Pick<ProtectedResponse, "certificates" | "caCertificates">>;

const nothing =
  (read: (node: DerNode) => void) =>
  (node: DerNode): Handed => {
    read(node);
    return {};
  };
const certificates = (node: DerNode): Handed => ({ certificates: readCertificates(node) });

const readers: Readonly<Record<ResponseBody, (node: DerNode) => Handed>> = {
  ip: certificates,
  cp: certificates,
  kup: certificates,
  rp: nothing(readRevocations),
  pkiconf: nothing((node) => readNull(node, "PKIConfirmContent")),
  genp: (node) => ({ caCertificates: readGeneral(node) }),
  error: nothing(readError),
  pollRep: nothing(readPolls),
};

const bodies = new Map<number, ResponseBody>(
  Object.entries(responseBodies).map(([name, number]) => [0xa0 | number, name as ResponseBody]),
);

/** @throws Failure `malformed`, also for what is no response under a signature */
export function parseProtectedResponse(der: Uint8Array): ProtectedResponse {
  const fields = new DerFields(readDer(der, limits), "ProtectedPart");
  const header = readHeader(fields.next("header"));
  const choice = fields.next("body");
  fields.end();
  const body = bodies.get(choice.tag) ?? choice.fail(`PKIBody ${choice.tag & 0x1f} is no response`);
  const [content, ...further] = choice.children();
  if (content === undefined || further.length > 0) return choice.fail("PKIBody: expected one element");
  return { header, body, certificates: [], caCertificates: [], ...readers[body](content) };
}
