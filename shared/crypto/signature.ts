/**
 * Signature algorithms by their X.509 name: one row each, a lookup that throws (I4).
 * The name is the one that `shared/pki` maps to an AlgorithmIdentifier.
 */
import { verify } from "node:crypto";
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

export const signatureAlgorithms = {
  "ecdsa-with-SHA256": { hash: "sha256", keyType: "ec" },
  "ecdsa-with-SHA384": { hash: "sha384", keyType: "ec" },
  "ecdsa-with-SHA512": { hash: "sha512", keyType: "ec" },
  sha256WithRSAEncryption: { hash: "sha256", keyType: "rsa" },
  sha384WithRSAEncryption: { hash: "sha384", keyType: "rsa" },
  sha512WithRSAEncryption: { hash: "sha512", keyType: "rsa" },
  Ed25519: { hash: null, keyType: "ed25519" },
} as const satisfies Record<string, { hash: string | null; keyType: string }>;

export type SignatureAlgorithm = keyof typeof signatureAlgorithms;

export interface SignatureToVerify {
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  /** ECDSA: DER Ecdsa-Sig-Value. */
  readonly signature: Uint8Array;
}

/**
 * Verifies on the thread pool, off the event loop.
 * @returns false for a wrong signature. @throws Failure `malformed` for a key that cannot be read.
 */
export function verifySignature(input: SignatureToVerify): Promise<boolean> {
  const row = signatureAlgorithms[input.algorithm];
  return new Promise((resolve, reject) => {
    const unreadable = (cause: unknown) => reject(new Failure("malformed", "the public key cannot be read", { cause }));
    try {
      // As PEM text: for DER, Node 24 first throws and catches four times to find out what it was given (82 µs).
      const key = `-----BEGIN PUBLIC KEY-----\n${base64(input.spki)}\n-----END PUBLIC KEY-----\n`;
      verify(row.hash, input.data, key, input.signature, (error, valid) => {
        if (error) unreadable(error);
        else resolve(valid);
      });
    } catch (cause) {
      unreadable(cause);
    }
  });
}
