/** EnvelopedData with key transport (RFC 5652 6): read and built. */
import { type ContentCipher, encryptContent } from "#shared/crypto/content-cipher";
import { transportKey } from "#shared/crypto/key-transport";
import { DerFields } from "../der/fields.ts";
import { type DerLimits, type DerNode, readOctetString, readOid, readSmallInteger } from "../der/reader.ts";
import { implicit, integer, octetString, oid, sequence, set } from "../der/writer.ts";
import {
  type AlgorithmIdentifier,
  type CipherWithIv,
  cipherAlgorithm,
  contentTypes,
  readAlgorithm,
  readCipher,
  rsaKeyTransport,
} from "./algorithms.ts";
import { contentInfo, readContentInfo } from "./content-info.ts";
import { type CertificateIdentifier, type IssuerAndSerial, issuerAndSerial, readIdentifier } from "./identifier.ts";

/** KeyTransRecipientInfo. */
export interface Recipient {
  readonly recipient: CertificateIdentifier;
  readonly keyEncryptionAlgorithm: AlgorithmIdentifier;
  readonly encryptedKey: Uint8Array;
}

export interface EnvelopedData {
  /** Those of key transport; other kinds are left out. */
  readonly recipients: readonly Recipient[];
  /** Of one that we do not know, its object identifier. */
  readonly encryption: CipherWithIv | { readonly unknown: string };
  readonly contentType: string;
  readonly ciphertext: Uint8Array;
}

const maxRecipients = 16;

function readRecipient(node: DerNode): Recipient {
  const fields = new DerFields(node, "KeyTransRecipientInfo");
  readSmallInteger(fields.next("version"), "KeyTransRecipientInfo.version", 2);
  const recipient = readIdentifier(fields.next("rid"));
  const keyEncryptionAlgorithm = readAlgorithm(fields.next("keyEncryptionAlgorithm"), "keyEncryptionAlgorithm");
  const encryptedKey = readOctetString(fields.next("encryptedKey"), "encryptedKey");
  fields.end();
  return { recipient, keyEncryptionAlgorithm, encryptedKey };
}

/**
 * @param der ContentInfo of type envelopedData
 * @throws Failure `malformed`
 */
export function parseEnvelopedData(der: Uint8Array, limits: DerLimits = {}): EnvelopedData {
  const fields = new DerFields(readContentInfo(der, "envelopedData", limits), "EnvelopedData");
  readSmallInteger(fields.next("version"), "EnvelopedData.version", 4);
  fields.optional(0xa0);
  const recipientInfos = fields.next("recipientInfos", 0x31);
  const infos = recipientInfos.children();
  if (infos.length > maxRecipients) recipientInfos.fail(`${infos.length} recipients; ${maxRecipients} are read`);
  const content = new DerFields(fields.next("encryptedContentInfo"), "EncryptedContentInfo");
  fields.optional(0xa1);
  fields.end();
  const contentType = readOid(content.next("contentType"), "contentType");
  const encryption = readCipher(content.next("contentEncryptionAlgorithm"));
  const ciphertext = content.next("encryptedContent", 0x80).content;
  content.end();
  const recipients = infos.filter(({ tag }) => tag === 0x30).map(readRecipient);
  return { recipients, encryption, contentType, ciphertext };
}

export interface EnvelopeSpec {
  readonly content: Uint8Array;
  readonly cipher: ContentCipher;
  /** The certificate whose RSA key opens it. */
  readonly recipient: IssuerAndSerial;
  /** SubjectPublicKeyInfo of that key, DER. */
  readonly spki: Uint8Array;
}

/** @returns ContentInfo, DER. @throws Failure `malformed` when the key cannot be used */
export function buildEnvelopedData({ content, cipher, recipient, spki }: EnvelopeSpec): Uint8Array {
  const { key, iv, ciphertext } = encryptContent(cipher, content);
  const encryptedKey = transportKey(spki, key);
  key.fill(0);
  const info = sequence(integer(0), issuerAndSerial(recipient), rsaKeyTransport, octetString(encryptedKey));
  const encrypted = sequence(oid(contentTypes.data), cipherAlgorithm({ cipher, iv }), implicit(0, ciphertext));
  return contentInfo("envelopedData", sequence(integer(0), set(info), encrypted));
}
