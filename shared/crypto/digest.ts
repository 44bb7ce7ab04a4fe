/** Message digests of CMS by the name in `hashOids` (RFC 5754 2, RFC 3370 2). */
import { constants, hash, verify } from "node:crypto";
import { base64 } from "#shared/kernel/bytes";

/** Broken against collisions: read only where an operator asks for it, never written. */
export const legacyDigests = ["sha1", "md5"] as const;
export const digests = ["sha256", "sha384", "sha512", ...legacyDigests] as const;
export type Digest = (typeof digests)[number];
export type LegacyDigest = (typeof legacyDigests)[number];

export const isLegacyDigest = (name: Digest): name is LegacyDigest =>
  (legacyDigests as readonly string[]).includes(name);

export const digest = (name: Digest, bytes: Uint8Array): Uint8Array => new Uint8Array(hash(name, bytes, "buffer"));

export interface LegacySignature {
  readonly digest: LegacyDigest;
  /** SubjectPublicKeyInfo of an RSA key, DER. */
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** RSASSA-PKCS1-v1_5 with a legacy digest: these have no place in `signature.ts`, whose names may stand in certificates. */
export function verifyLegacySignature({ digest: name, spki, data, signature }: LegacySignature): boolean {
  const key = `-----BEGIN PUBLIC KEY-----\n${base64(spki)}\n-----END PUBLIC KEY-----\n`;
  try {
    return verify(name, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return false;
  }
}
