/**
 * ProtectedPart of a CMP response under a signature (RFC 9810 5.1.3): what is signed. Reads the messages that a CA or RA
 * answers with, as far as one must know what they hand out; a request, or any other message, is refused.
 */
import { sameBytes } from "#shared/kernel/bytes";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readDer, readGeneralizedTime, readNull, readSmallInteger, tags } from "../der/reader.ts";
import { readSerial } from "../serial.ts";
import { parseSignatureAlgorithm, type SignatureAlgorithm } from "../signature-algorithm.ts";
import { type BodyType, bodyTypeNames } from "./body-type.ts";
import { readCertReqId } from "./cert-req-id.ts";
import { parseCertRep } from "./cert-response.ts";
import { parseFreeText } from "./free-text.ts";
import { directoryName, parseHeader } from "./header.ts";
import { type InfoTypeAndValue, parseInfoTypes } from "./info-type.ts";
import { parseErrorContent, parseStatusInfo } from "./status.ts";

export interface ResponseHeader {
  /** Name of the sender, DER; anything but a directoryName is refused. */
  readonly senderDer: Uint8Array;
  /** Milliseconds since 1970. */
  readonly messageTimeMs: number | undefined;
  /** One of ours: a message under a MAC is protected elsewhere. */
  readonly protectionAlgorithm: SignatureAlgorithm;
  readonly senderKeyId: Uint8Array | undefined;
  readonly hasRecipientNonce: boolean;
}

/** How a certificate is found again at its issuer. */
export interface HandedOut {
  readonly issuerDer: Uint8Array;
  /** Lower-case hex. */
  readonly serialHex: string;
}

export interface ProtectedResponse {
  readonly header: ResponseHeader;
  readonly body: BodyType;
  /** What ip, cp and kup give to the subject. */
  readonly certificates: readonly HandedOut[];
  /** What genp says that the CAs are: Certificate, DER. */
  readonly caCertificates: readonly Uint8Array[];
}

/** A response may hold a whole CRL. */
const limits = { maxBytes: 2 * 1024 * 1024, maxDepth: 24, maxElements: 400_000 };

function readHeader(node: DerNode): ResponseHeader {
  const header = parseHeader(node);
  const { pvno, senderName, protectionAlg, transactionId, senderNonce, recipNonce } = header;
  if (pvno !== 2 && pvno !== 3) node.fail("PKIHeader: pvno must be 2 or 3");
  if (senderName === undefined || !sameBytes(header.sender, directoryName(senderName)))
    return node.fail("PKIHeader: the sender must be one directoryName");
  for (const [name, value] of Object.entries({ transactionID: transactionId, senderNonce }))
    if (value === undefined || value.length === 0) node.fail(`PKIHeader: ${name} is missing`);
  for (const info of header.generalInfo) readHeaderInfo(node, info);
  return {
    senderDer: senderName,
    messageTimeMs: header.messageTimeMs,
    protectionAlgorithm: parseSignatureAlgorithm(protectionAlg ?? node.fail("PKIHeader: protectionAlg is missing")),
    senderKeyId: header.senderKid,
    hasRecipientNonce: recipNonce !== undefined && recipNonce.length > 0,
  };
}

function readHeaderInfo(node: DerNode, { type, value }: InfoTypeAndValue): void {
  if (type === "implicitConfirm" && value !== undefined) readNull(value, type);
  else if (type === "confirmWaitTime" && value !== undefined) readGeneralizedTime(value, type);
  else node.fail(`generalInfo ${type} does not belong to a response`);
}

/** CertRepMessage (5.3.4). */
function readCertificates(node: DerNode): HandedOut[] {
  const { caPubs, responses } = parseCertRep(node.raw);
  // Who is to be trusted is nothing that the holder of this key may say: a client takes it from a MAC it shares with the CA.
  if (caPubs !== undefined) node.fail("caPubs do not belong to a signed response");
  return responses.flatMap(({ certificate }) => (certificate === undefined ? [] : [handedOut(certificate)]));
}

function handedOut(certificate: Uint8Array): HandedOut {
  const tbs = new DerFields(
    new DerFields(readDer(certificate), "Certificate").next("tbsCertificate"),
    "TBSCertificate",
  );
  tbs.explicit(0xa0, "version");
  const serialHex = readSerial(tbs.next("serialNumber"));
  tbs.next("signature");
  return { issuerDer: tbs.next("issuer").raw, serialHex };
}

/** RevRepContent (5.3.10), without CRLs: they are fetched elsewhere. */
function readRevocations(node: DerNode): void {
  const fields = new DerFields(node, "RevRepContent");
  for (const status of fields.next("status", tags.sequence).children()) parseStatusInfo(status);
  fields.explicit(0xa0, "revCerts");
  fields.end();
}

/** GenRepContent (5.3.20): CAs, CRLs, and what a request should look like. */
function readGeneral(node: DerNode): Uint8Array[] {
  return parseInfoTypes(node, "GenRepContent").flatMap(({ type, value }) => {
    switch (type) {
      case "caCerts":
        return (value?.expect(tags.sequence, type).children() ?? []).map(({ raw }) => raw);
      case "rootCaKeyUpdate":
        return value === undefined ? [] : value.fail("a root that takes the place of another is not announced");
      case "certReqTemplate":
      case "currentCRL":
      case "crls":
        return [];
      default:
        return node.fail(`general response ${type} is not served`);
    }
  });
}

/** PollRepContent (5.3.22). */
function readPolls(node: DerNode): void {
  for (const poll of node.expect(tags.sequence, "PollRepContent").children()) {
    const fields = new DerFields(poll, "PollRepContent");
    readCertReqId(fields.next("certReqId"));
    readSmallInteger(fields.next("checkAfter"), "checkAfter", 0x7fff_ffff);
    const reason = fields.optional(tags.sequence);
    if (reason !== undefined) parseFreeText(reason);
    fields.end();
  }
}

type Handed = Partial<Pick<ProtectedResponse, "certificates" | "caCertificates">>;
type Read = (node: DerNode) => Handed;

const nothing =
  (read: (node: DerNode) => unknown): Read =>
  (node) => {
    read(node);
    return {};
  };
const certificates: Read = (node) => ({ certificates: readCertificates(node) });

/** What is a response. No entry: it is none. */
const readers: Readonly<Partial<Record<BodyType, Read>>> = {
  ip: certificates,
  cp: certificates,
  kup: certificates,
  rp: nothing(readRevocations),
  pkiconf: nothing((node) => readNull(node, "PKIConfirmContent")),
  genp: (node) => ({ caCertificates: readGeneral(node) }),
  error: nothing(parseErrorContent),
  pollRep: nothing(readPolls),
};

/** @throws Failure `malformed`, also for what is no response under a signature */
export function parseProtectedResponse(der: Uint8Array): ProtectedResponse {
  const fields = new DerFields(readDer(der, limits), "ProtectedPart");
  const header = readHeader(fields.next("header"));
  const choice = fields.next("body");
  fields.end();
  const body = (choice.tag & 0xe0) === 0xa0 ? bodyTypeNames[choice.tag & 0x1f] : undefined;
  const read = body === undefined ? undefined : readers[body];
  if (body === undefined || read === undefined) return choice.fail(`PKIBody ${choice.tag & 0x1f} is no response`);
  const [content, ...further] = choice.children();
  if (content === undefined || further.length > 0) return choice.fail("PKIBody: expected one element");
  return { header, body, certificates: [], caCertificates: [], ...read(content) };
}
