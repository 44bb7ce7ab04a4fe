/** JWS algorithms (RFC 7518 3, RFC 8037 3.1, RFC 9964 for ML-DSA): the allow-list, one row each. `none` and MACs are not in it. */
import { mlDsa } from "#shared/kernel/key-algorithm";
import type { KeyType } from "./jwk.ts";

export interface JwsAlgorithm {
  readonly kty: KeyType;
  /** The one curve that goes with it (RFC 7518 3.4, RFC 8037 3.1); of `AKP` keys the algorithm that the key is for. */
  readonly of?: string;
  /** Null where the algorithm hashes by itself. */
  readonly hash: string | null;
}

const signatures = {
  RS256: { kty: "RSA", hash: "sha256" },
  ES256: { kty: "EC", of: "P-256", hash: "sha256" },
  ES384: { kty: "EC", of: "P-384", hash: "sha384" },
  ES512: { kty: "EC", of: "P-521", hash: "sha512" },
  EdDSA: { kty: "OKP", of: "Ed25519", hash: null },
} as const satisfies Record<string, JwsAlgorithm>;

const rows: Readonly<Record<string, JwsAlgorithm>> = {
  ...signatures,
  ...Object.fromEntries(mlDsa.map((name): [string, JwsAlgorithm] => [name, { kty: "AKP", of: name, hash: null }])),
};

export const signatureAlgorithmNames: readonly string[] = Object.keys(rows);

export const signatureAlgorithm = (name: string): JwsAlgorithm | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;

/** For MACs (RFC 7518 3.2), where a secret is shared: external account binding. Hash by name. */
export const macAlgorithms: Readonly<Record<string, string>> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };
