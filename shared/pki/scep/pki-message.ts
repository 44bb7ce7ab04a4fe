/** pkiMessage of a client (RFC 8894 3.2): SignedData around EnvelopedData, with the transaction among the signed attributes. */
import { Failure } from "#shared/kernel/failure";
import { contentTypes } from "../cms/algorithms.ts";
import { type Attributes, singleValue } from "../cms/attributes.ts";
import { identifies } from "../cms/identifier.ts";
import { parseSignedData, type SignedData, type SignerInfo } from "../cms/signed-data.ts";
import { readSignerCertificate, type SignerCertificate } from "../cms/signer-certificate.ts";
import { type DerLimits, type DerNode, readOctetString, readText, readTime } from "../der/reader.ts";
import { cmsAttributeOids, oidName, oids } from "../oids.ts";

export interface PkiMessage {
  /** As it was sent; 1 to 255 printable characters. */
  readonly transactionId: string;
  readonly messageType: number;
  readonly senderNonce: Uint8Array;
  readonly signingTimeMs: number | undefined;
  readonly signer: SignerInfo;
  /** Who signed says so: the signature is not yet checked. */
  readonly certificate: SignerCertificate;
  readonly signedData: SignedData;
  /** ContentInfo of the pkcsPKIEnvelope, DER. */
  readonly envelope: Uint8Array | undefined;
}

function required(attributes: Attributes, name: keyof typeof cmsAttributeOids): DerNode {
  const node = singleValue(attributes, cmsAttributeOids[name], name);
  if (node === undefined) throw new Failure("malformed", `pkiMessage: the signed attribute ${name} is missing`);
  return node;
}

/** Decimal digits in a PrintableString. @throws Failure `malformed` */
function readMessageType(node: DerNode): number {
  const text = readText(node.expect(0x13, "messageType"), "messageType");
  if (!/^\d{1,4}$/.test(text)) node.fail("messageType: expected a decimal number");
  return Number(text);
}

function readTransactionId(node: DerNode): string {
  const text = readText(node.expect(0x13, "transactionID"), "transactionID");
  if (text.length < 1 || text.length > 255) node.fail(`transactionID of ${text.length} characters; 1 to 255 are read`);
  return text;
}

function readNonce(node: DerNode): Uint8Array {
  const nonce = readOctetString(node, "senderNonce");
  if (nonce.length < 1 || nonce.length > 64) node.fail(`senderNonce of ${nonce.length} octets`);
  return nonce;
}

/** Certificates that cannot be read are passed over: messages bring chains. */
function certificateOf(data: SignedData, { signer }: SignerInfo): SignerCertificate {
  let unread: unknown;
  for (const der of data.certificates) {
    try {
      const certificate = readSignerCertificate(der);
      if (identifies(signer, certificate)) return certificate;
    } catch (error) {
      unread = error;
    }
  }
  const why = unread instanceof Failure ? `: ${unread.message}` : "";
  throw new Failure("malformed", `pkiMessage: no certificate of the signer that can be read${why}`);
}

/**
 * What must be there to answer with a CertRep at all.
 * @param der ContentInfo of at most 256 KiB
 * @throws Failure `malformed`
 */
export function parsePkiMessage(der: Uint8Array, limits: DerLimits = {}): PkiMessage {
  const signedData = parseSignedData(der, limits);
  const [signer, ...others] = signedData.signers;
  if (signer === undefined || others.length > 0)
    throw new Failure("malformed", `pkiMessage: expected one signer, got ${signedData.signers.length}`);
  if (signedData.contentType !== contentTypes.data)
    throw new Failure("malformed", `pkiMessage: content is ${oidName(signedData.contentType)}, expected data`);
  const { attributes } = signer;
  const signingTime = singleValue(attributes, oids.signingTime, "signingTime");
  return {
    transactionId: readTransactionId(required(attributes, "transactionID")),
    messageType: readMessageType(required(attributes, "messageType")),
    senderNonce: readNonce(required(attributes, "senderNonce")),
    signingTimeMs: signingTime && readTime(signingTime, "signingTime"),
    signer,
    certificate: certificateOf(signedData, signer),
    signedData,
    envelope: signedData.content,
  };
}
