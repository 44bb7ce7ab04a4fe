/** What KMS calls our algorithms, and how it wants to be handed what it signs: one row each. */
import type { KeySpec as KmsKeySpec, SigningAlgorithmSpec } from "@aws-sdk/client-kms";
import { createHash } from "node:crypto";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { externalMu } from "./external-mu.ts";

export interface KmsMessage {
  readonly Message: Uint8Array;
  readonly MessageType: "RAW" | "DIGEST" | "EXTERNAL_MU";
}

export interface KmsAlgorithm {
  readonly keySpec: KmsKeySpec;
  readonly signingAlgorithm: SigningAlgorithmSpec;
  /** @param spki of the key that is to sign @throws Failure `too_large` for what no form of it fits */
  readonly message: (data: Uint8Array, spki: Uint8Array) => KmsMessage;
}

/** Of the field Message, octets. */
export const maxRawBytes = 4096;

const digest = (keySpec: KmsKeySpec, signingAlgorithm: SigningAlgorithmSpec, hash: string): KmsAlgorithm => ({
  keySpec,
  signingAlgorithm,
  message: (data) => ({ Message: new Uint8Array(createHash(hash).update(data).digest()), MessageType: "DIGEST" }),
});

const mlDsa = (keySpec: KmsKeySpec): KmsAlgorithm => ({
  keySpec,
  signingAlgorithm: "ML_DSA_SHAKE_256",
  message: (data, spki) =>
    data.length <= maxRawBytes
      ? { Message: data, MessageType: "RAW" }
      : { Message: externalMu(spki, data), MessageType: "EXTERNAL_MU" },
});

const ed25519: KmsAlgorithm = {
  keySpec: "ECC_NIST_EDWARDS25519",
  signingAlgorithm: "ED25519_SHA_512",
  message(data) {
    if (data.length <= maxRawBytes) return { Message: data, MessageType: "RAW" };
    // The pre-hashed form that KMS has beside it is another algorithm than the one of RFC 8410.
    throw new Failure(
      "too_large",
      `KMS signs at most ${maxRawBytes} octets with an Ed25519 key, and this has ${data.length}; use an issuer whose key is P-256, P-384, RSA or ML-DSA, or an Ed25519 one in the sealed store`,
    );
  },
};

/** SLH-DSA is missing: KMS has none. */
export const kmsAlgorithms: Readonly<Partial<Record<SignerKeyAlgorithm, KmsAlgorithm>>> = {
  "P-256": digest("ECC_NIST_P256", "ECDSA_SHA_256", "sha256"),
  "P-384": digest("ECC_NIST_P384", "ECDSA_SHA_384", "sha384"),
  "P-521": digest("ECC_NIST_P521", "ECDSA_SHA_512", "sha512"),
  "RSA-2048": digest("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", "sha256"),
  "RSA-3072": digest("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_256", "sha256"),
  "RSA-4096": digest("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_256", "sha256"),
  "RSA-PSS-2048": digest("RSA_2048", "RSASSA_PSS_SHA_256", "sha256"),
  "RSA-PSS-3072": digest("RSA_3072", "RSASSA_PSS_SHA_384", "sha384"),
  "RSA-PSS-4096": digest("RSA_4096", "RSASSA_PSS_SHA_512", "sha512"),
  Ed25519: ed25519,
  "ML-DSA-44": mlDsa("ML_DSA_44"),
  "ML-DSA-65": mlDsa("ML_DSA_65"),
  "ML-DSA-87": mlDsa("ML_DSA_87"),
};
