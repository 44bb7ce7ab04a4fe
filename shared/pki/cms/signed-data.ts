/** SignedData (RFC 5652 5): read. */
import type { Digest } from "#shared/crypto/digest";
import { DerFields } from "../der/fields.ts";
import { type DerLimits, type DerNode, readOctetString, readOid, readSmallInteger } from "../der/reader.ts";
import { type AlgorithmIdentifier, readAlgorithm, readDigestAlgorithm } from "./algorithms.ts";
import { type Attributes, readAttributes } from "./attributes.ts";
import { readContentInfo } from "./content-info.ts";
import { type CertificateIdentifier, readIdentifier } from "./identifier.ts";

export interface SignerInfo {
  readonly signer: CertificateIdentifier;
  /** Undefined: one that we do not know. */
  readonly digest: Digest | undefined;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly attributes: Attributes;
  /** DER of SET OF Attribute, what is signed; undefined when there are none and the content is signed. */
  readonly attributesDer: Uint8Array | undefined;
  readonly signature: Uint8Array;
}

export interface SignedData {
  /** eContentType, dotted. */
  readonly contentType: string;
  /** Undefined when it is not within the message. */
  readonly content: Uint8Array | undefined;
  /** DER of each; attribute certificates and the like are left out. */
  readonly certificates: readonly Uint8Array[];
  readonly signers: readonly SignerInfo[];
}

/** Each costs a signature to verify. */
const maxSigners = 4;
const maxCertificates = 16;

function retagged(node: DerNode): Uint8Array {
  const out = node.raw.slice();
  out[0] = 0x31; // RFC 5652 5.4: an explicit SET OF tag is what is signed
  return out;
}

function readSigner(node: DerNode): SignerInfo {
  const fields = new DerFields(node, "SignerInfo");
  readSmallInteger(fields.next("version"), "SignerInfo.version", 5);
  const signer = readIdentifier(fields.next("sid"));
  const digest = readDigestAlgorithm(fields.next("digestAlgorithm"));
  const signed = fields.optional(0xa0);
  const signatureAlgorithm = readAlgorithm(fields.next("signatureAlgorithm"), "signatureAlgorithm");
  const signature = readOctetString(fields.next("signature"), "signature");
  fields.optional(0xa1);
  fields.end();
  return {
    signer,
    digest,
    signatureAlgorithm,
    attributes: signed === undefined ? new Map() : readAttributes(signed),
    attributesDer: signed && retagged(signed),
    signature,
  };
}

function members(node: DerNode | undefined, what: string, max: number): DerNode[] {
  const all = node?.children() ?? [];
  if (all.length > max) node?.fail(`${what}: ${all.length}; ${max} are read`);
  return all;
}

/**
 * @param der ContentInfo of type signedData
 * @throws Failure `malformed`. No signature is checked: see `verifySigner`.
 */
export function parseSignedData(der: Uint8Array, limits: DerLimits = {}): SignedData {
  const fields = new DerFields(readContentInfo(der, "signedData", limits), "SignedData");
  readSmallInteger(fields.next("version"), "SignedData.version", 5);
  fields.next("digestAlgorithms", 0x31);
  const inner = new DerFields(fields.next("encapContentInfo"), "EncapsulatedContentInfo");
  const contentType = readOid(inner.next("eContentType"), "eContentType");
  const content = inner.explicit(0xa0, "eContent");
  inner.end();
  const certificates = members(fields.optional(0xa0), "certificates", maxCertificates);
  fields.optional(0xa1);
  const signers = members(fields.next("signerInfos", 0x31), "signerInfos", maxSigners);
  fields.end();
  return {
    contentType,
    content: content && readOctetString(content, "eContent"),
    certificates: certificates.filter(({ tag }) => tag === 0x30).map(({ raw }) => raw),
    signers: signers.map(readSigner),
  };
}
