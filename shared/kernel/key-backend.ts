/**
 * What holds a CA key: `sealed` is the signer's own store (on AWS its data keys are wrapped by KMS), `kms` a key in AWS KMS,
 * `pkcs11` one in a token (an HSM).
 */
export const keyBackends = ["sealed", "kms", "pkcs11"] as const;
export type KeyBackend = (typeof keyBackends)[number];
