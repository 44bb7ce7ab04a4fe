/**
 * The message representative μ of ML-DSA (FIPS 204, algorithm 7, line 6; pure, with an empty context, algorithm 2 line 10):
 * what a key holder needs of a message that is too long for it.
 */
import { createHash } from "node:crypto";
import { describeSpki } from "#shared/pki/key";

const muBytes = 64;
/** IntegerToBytes(0, 1) ‖ IntegerToBytes(|ctx|, 1): pure ML-DSA, no context. */
const pureWithoutContext = Uint8Array.of(0, 0);

const shake256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("shake256", { outputLength: muBytes });
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** @param spki SubjectPublicKeyInfo of the ML-DSA key that will sign, DER @returns 64 octets */
export function externalMu(spki: Uint8Array, message: Uint8Array): Uint8Array {
  const tr = shake256(describeSpki(spki).keyBits);
  return shake256(tr, pureWithoutContext, message);
}
