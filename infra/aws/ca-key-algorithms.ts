/**
 * What KMS offers of our key algorithms, one row each: the key policy pins the key to it (KMS developer guide, "Key spec
 * reference"). A digest goes to KMS, except where the algorithm has no form for one.
 */
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";

export interface CaKeySpec {
  readonly keySpec: string;
  readonly signingAlgorithm: string;
  /** `RAW` is at most 4,096 octets; above it ML-DSA takes `EXTERNAL_MU`. */
  readonly messageTypes: readonly ("DIGEST" | "RAW" | "EXTERNAL_MU")[];
}

const digest = (keySpec: string, signingAlgorithm: string): CaKeySpec => ({
  keySpec,
  signingAlgorithm,
  messageTypes: ["DIGEST"],
});
const mlDsa = (keySpec: string): CaKeySpec => ({
  keySpec,
  signingAlgorithm: "ML_DSA_SHAKE_256",
  messageTypes: ["RAW", "EXTERNAL_MU"],
});

const table = {
  "P-256": digest("ECC_NIST_P256", "ECDSA_SHA_256"),
  "P-384": digest("ECC_NIST_P384", "ECDSA_SHA_384"),
  "P-521": digest("ECC_NIST_P521", "ECDSA_SHA_512"),
  "RSA-2048": digest("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
  "RSA-3072": digest("RSA_3072", "RSASSA_PKCS1_V1_5_SHA_256"),
  "RSA-4096": digest("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_256"),
  "RSA-PSS-2048": digest("RSA_2048", "RSASSA_PSS_SHA_256"),
  "RSA-PSS-3072": digest("RSA_3072", "RSASSA_PSS_SHA_384"),
  "RSA-PSS-4096": digest("RSA_4096", "RSASSA_PSS_SHA_512"),
  Ed25519: { keySpec: "ECC_NIST_EDWARDS25519", signingAlgorithm: "ED25519_SHA_512", messageTypes: ["RAW"] },
  "ML-DSA-44": mlDsa("ML_DSA_44"),
  "ML-DSA-65": mlDsa("ML_DSA_65"),
  "ML-DSA-87": mlDsa("ML_DSA_87"),
} as const satisfies Partial<Record<SignerKeyAlgorithm, CaKeySpec>>;

export type CaKeyAlgorithm = keyof typeof table;
export const caKeyAlgorithms = Object.keys(table) as [CaKeyAlgorithm, ...CaKeyAlgorithm[]];
/** What `trstctl kms import-key` brings into KMS: RSA and ECC. */
export const importableCaKeys = caKeyAlgorithms.filter((name) => !name.startsWith("ML-DSA")) as [
  CaKeyAlgorithm,
  ...CaKeyAlgorithm[],
];
export const caKeySpecs: Readonly<Record<CaKeyAlgorithm, CaKeySpec>> = table;
