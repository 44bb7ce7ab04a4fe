/** Verification of one signer (RFC 5652 5.4, 5.6): the digest of the content among the attributes, the attributes signed. */
import { type Digest, digest, isLegacyDigest, verifyLegacySignature } from "#shared/crypto/digest";
import { type SignatureAlgorithm, verifySignature } from "#shared/crypto/signature";
import { sameBytes } from "#shared/kernel/bytes";
import { readOctetString, readOid } from "../der/reader.ts";
import { canSign, type PublicKeyInfo } from "../key.ts";
import { oids } from "../oids.ts";
import { pssNamed } from "../rsassa-pss.ts";
import { isNullOrAbsent } from "./algorithms.ts";
import { singleValue } from "./attributes.ts";
import type { SignedData, SignerInfo } from "./signed-data.ts";

type Named = Readonly<Partial<Record<Digest, SignatureAlgorithm>>>;

const pkcs1: Named = {
  sha256: "sha256WithRSAEncryption",
  sha384: "sha384WithRSAEncryption",
  sha512: "sha512WithRSAEncryption",
};
const ecdsa: Named = { sha256: "ecdsa-with-SHA256", sha384: "ecdsa-with-SHA384", sha512: "ecdsa-with-SHA512" };

/** signatureAlgorithm of a SignerInfo: the key's own identifier goes with any digest (RFC 3370 3.2), the others with one. */
const rows: Readonly<Record<string, Named | "legacy">> = {
  [oids.rsaEncryption]: pkcs1,
  [oids.sha256WithRSAEncryption]: { sha256: pkcs1.sha256 as SignatureAlgorithm },
  [oids.sha384WithRSAEncryption]: { sha384: pkcs1.sha384 as SignatureAlgorithm },
  [oids.sha512WithRSAEncryption]: { sha512: pkcs1.sha512 as SignatureAlgorithm },
  [oids["ecdsa-with-SHA256"]]: { sha256: ecdsa.sha256 as SignatureAlgorithm },
  [oids["ecdsa-with-SHA384"]]: { sha384: ecdsa.sha384 as SignatureAlgorithm },
  [oids["ecdsa-with-SHA512"]]: { sha512: ecdsa.sha512 as SignatureAlgorithm },
  [oids.ecPublicKey]: ecdsa,
};

const legacyOids: Readonly<Record<string, readonly Digest[]>> = {
  [oids.rsaEncryption]: ["sha1", "md5"],
  "1.2.840.113549.1.1.5": ["sha1"],
  "1.2.840.113549.1.1.4": ["md5"],
};

/** How a signer signed: `legacy` with a digest that only an operator's word lets in. */
export type SignerAlgorithm =
  | { readonly name: SignatureAlgorithm; readonly digest: Digest }
  | { readonly legacy: "sha1" | "md5" };

/** @returns undefined for what we do not verify */
export function signerAlgorithm({ digest: used, signatureAlgorithm }: SignerInfo): SignerAlgorithm | undefined {
  const { algorithm, parameters } = signatureAlgorithm;
  if (used === undefined) return undefined;
  if (algorithm === oids["id-RSASSA-PSS"]) {
    const name = parameters && pssNamed(parameters);
    return name?.endsWith(used.toUpperCase()) ? { name, digest: used } : undefined;
  }
  if (!isNullOrAbsent(parameters)) return undefined;
  if (isLegacyDigest(used)) return legacyOids[algorithm]?.includes(used) ? { legacy: used } : undefined;
  const row = Object.hasOwn(rows, algorithm) ? (rows[algorithm] as Named)[used] : undefined;
  return row && { name: row, digest: used };
}

/** What is not there has a digest all the same. */
const nothing = new Uint8Array(0);

/** messageDigest and contentType are those of the content (RFC 5652 11.1, 11.2). @throws Failure `malformed` */
function describesContent({ contentType, content }: SignedData, signer: SignerInfo, used: Digest): boolean {
  const type = singleValue(signer.attributes, oids.contentType, "contentType");
  const stated = singleValue(signer.attributes, oids.messageDigest, "messageDigest");
  if (type === undefined || stated === undefined) return false;
  if (readOid(type, "contentType") !== contentType) return false;
  return sameBytes(readOctetString(stated, "messageDigest"), digest(used, content ?? nothing));
}

/**
 * Only with signed attributes: without them, what is signed could be taken for a signature over attributes.
 * @param key of the certificate that the signer named
 * @throws Failure `malformed`
 */
export async function verifySigner(
  data: SignedData,
  signer: SignerInfo,
  key: PublicKeyInfo,
  algorithm: SignerAlgorithm,
): Promise<boolean> {
  const used = "legacy" in algorithm ? algorithm.legacy : algorithm.digest;
  if (signer.attributesDer === undefined || !describesContent(data, signer, used)) return false;
  const input = { spki: key.spki, data: signer.attributesDer, signature: signer.signature };
  if ("legacy" in algorithm)
    return key.algorithm === "RSA" && verifyLegacySignature({ digest: algorithm.legacy, ...input });
  return canSign(key, algorithm.name) && verifySignature({ algorithm: algorithm.name, ...input });
}
