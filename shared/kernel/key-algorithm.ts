/**
 * Every key algorithm by name: the allow-list that contracts, formats, verification and the signer draw from. What each
 * does is a row beside its code: `shared/crypto/signature.ts`, `shared/pki/key.ts`, `signer/keys/algorithms.ts`.
 */

/** FIPS 204; in certificates RFC 9881. */
export const mlDsa = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const;

/** FIPS 205, the pure ones (no pre-hash); in certificates RFC 9909. `s` signs small and slowly, `f` fast and large. */
export const slhDsa = [
  "SLH-DSA-SHA2-128s",
  "SLH-DSA-SHA2-128f",
  "SLH-DSA-SHA2-192s",
  "SLH-DSA-SHA2-192f",
  "SLH-DSA-SHA2-256s",
  "SLH-DSA-SHA2-256f",
  "SLH-DSA-SHAKE-128s",
  "SLH-DSA-SHAKE-128f",
  "SLH-DSA-SHAKE-192s",
  "SLH-DSA-SHAKE-192f",
  "SLH-DSA-SHAKE-256s",
  "SLH-DSA-SHAKE-256f",
] as const;

export const postQuantum = [...mlDsa, ...slhDsa] as const;
export type PostQuantum = (typeof postQuantum)[number];

/** What a key of the signer may be. `RSA-…` signs by PKCS #1 v1.5, `RSA-PSS-…` by RSASSA-PSS, and never otherwise. */
export const signerKeyAlgorithms = [
  "P-256",
  "P-384",
  "P-521",
  "Ed25519",
  "RSA-2048",
  "RSA-3072",
  "RSA-4096",
  "RSA-PSS-2048",
  "RSA-PSS-3072",
  "RSA-PSS-4096",
  ...postQuantum,
] as const;
export type SignerKeyAlgorithm = (typeof signerKeyAlgorithms)[number];

/** What the key in a certificate may be; of RSA keys the size is said apart. `RSA-PSS`: restricted to it (RFC 4055 1.2). */
export const subjectKeyAlgorithms = ["P-256", "P-384", "P-521", "RSA", "RSA-PSS", "Ed25519", ...postQuantum] as const;
export type SubjectKeyAlgorithm = (typeof subjectKeyAlgorithms)[number];
