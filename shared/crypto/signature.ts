/**
 * Signature algorithms by their X.509 name: one row each, a lookup that throws (I4).
 * The name is the one that `shared/pki` maps to an AlgorithmIdentifier.
 */
import { constants, verify } from "node:crypto";
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type PostQuantum, postQuantum } from "#shared/kernel/key-algorithm";

interface Row {
  /** Null where the algorithm hashes by itself. */
  readonly hash: string | null;
  readonly saltLength?: number;
}

/** As many octets of salt as the hash has (RFC 4055 3.1). */
export const rsassaPss = {
  "RSASSA-PSS-SHA256": { hash: "sha256", saltLength: 32 },
  "RSASSA-PSS-SHA384": { hash: "sha384", saltLength: 48 },
  "RSASSA-PSS-SHA512": { hash: "sha512", saltLength: 64 },
} as const satisfies Record<string, Row>;
export type PssAlgorithm = keyof typeof rsassaPss;

const classical = {
  "ecdsa-with-SHA256": { hash: "sha256" },
  "ecdsa-with-SHA384": { hash: "sha384" },
  "ecdsa-with-SHA512": { hash: "sha512" },
  sha256WithRSAEncryption: { hash: "sha256" },
  sha384WithRSAEncryption: { hash: "sha384" },
  sha512WithRSAEncryption: { hash: "sha512" },
  ...rsassaPss,
  Ed25519: { hash: null },
} as const satisfies Record<string, Row>;

export type SignatureAlgorithm = keyof typeof classical | PostQuantum;

export const signatureAlgorithms: Readonly<Record<SignatureAlgorithm, Row>> = {
  ...classical,
  // Pure, with an empty context: what OpenSSL does unless told otherwise (RFC 9881 3, RFC 9909 4).
  ...(Object.fromEntries(postQuantum.map((name) => [name, { hash: null }])) as Record<PostQuantum, Row>),
};

/** What `node:crypto` wants beside the key, to sign and to verify. */
export const paddingOf = ({ saltLength }: Row) =>
  saltLength === undefined ? undefined : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };

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
      const pem = `-----BEGIN PUBLIC KEY-----\n${base64(input.spki)}\n-----END PUBLIC KEY-----\n`;
      const padding = paddingOf(row);
      const key = padding === undefined ? pem : { key: pem, ...padding };
      verify(row.hash, input.data, key, input.signature, (error, valid) => {
        if (error) unreadable(error);
        else resolve(valid);
      });
    } catch (cause) {
      unreadable(cause);
    }
  });
}
