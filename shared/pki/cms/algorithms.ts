/** Object identifiers and AlgorithmIdentifiers of CMS (RFC 5652, RFC 5754 2, RFC 3565 4.1, RFC 3370 2, 5.1). */
import { type ContentCipher, contentCiphers } from "#shared/crypto/content-cipher";
import type { Digest } from "#shared/crypto/digest";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readOctetString, readOid } from "../der/reader.ts";
import { null_, octetString, oid, sequence } from "../der/writer.ts";
import { byOid, hashOids, oids } from "../oids.ts";

export const contentTypes = {
  data: oids.data,
  signedData: oids.signedData,
  envelopedData: "1.2.840.113549.1.7.3",
} as const;

const digestOids: Readonly<Record<Digest, string>> = {
  sha256: hashOids.sha256,
  sha384: hashOids.sha384,
  sha512: hashOids.sha512,
  sha1: hashOids.sha1,
  md5: "1.2.840.113549.2.5",
};
const digestByOid = byOid<Digest>(digestOids);

const cipherOids: Readonly<Record<ContentCipher, string>> = {
  "aes128-CBC": "2.16.840.1.101.3.4.1.2",
  "aes192-CBC": "2.16.840.1.101.3.4.1.22",
  "aes256-CBC": "2.16.840.1.101.3.4.1.42",
  "des-EDE3-CBC": "1.2.840.113549.3.7",
};
const cipherByOid = byOid<ContentCipher>(cipherOids);

export interface AlgorithmIdentifier {
  /** Dotted. */
  readonly algorithm: string;
  readonly parameters: DerNode | undefined;
}

/** @throws Failure `malformed` */
export function readAlgorithm(node: DerNode, what: string): AlgorithmIdentifier {
  const fields = new DerFields(node, what);
  const algorithm = readOid(fields.next("algorithm"), what);
  const parameters = fields.peek === -1 ? undefined : fields.next("parameters");
  fields.end();
  return { algorithm, parameters };
}

export const isNullOrAbsent = (parameters: DerNode | undefined): boolean =>
  parameters === undefined || parameters.tag === 0x05;

/** With NULL or without (RFC 5754 2: both must be accepted). @returns undefined when it is none that we know */
export function readDigestAlgorithm(node: DerNode): Digest | undefined {
  const { algorithm, parameters } = readAlgorithm(node, "digestAlgorithm");
  return isNullOrAbsent(parameters) ? digestByOid.get(algorithm) : undefined;
}

/** SHA-2 without parameters (RFC 5754 2). */
export const digestAlgorithm = (name: Digest): Uint8Array => sequence(oid(digestOids[name]));

export interface CipherWithIv {
  readonly cipher: ContentCipher;
  readonly iv: Uint8Array;
}

/** @returns the dotted name alone when it is none that we know. @throws Failure `malformed` */
export function readCipher(node: DerNode): CipherWithIv | { readonly unknown: string } {
  const { algorithm, parameters } = readAlgorithm(node, "contentEncryptionAlgorithm");
  const cipher = cipherByOid.get(algorithm);
  if (cipher === undefined) return { unknown: algorithm };
  if (parameters === undefined) return node.fail("contentEncryptionAlgorithm: no initialization vector");
  const iv = readOctetString(parameters, "initialization vector");
  if (iv.length !== contentCiphers[cipher].ivOctets) node.fail(`initialization vector of ${iv.length} octets`);
  return { cipher, iv };
}

export const cipherAlgorithm = ({ cipher, iv }: CipherWithIv): Uint8Array =>
  sequence(oid(cipherOids[cipher]), octetString(iv));

/** RFC 3370 4.2.1. */
export const rsaKeyTransport = sequence(oid(oids.rsaEncryption), null_());
