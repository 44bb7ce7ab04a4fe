/** MAC protection (RFC 9810 5.1.3.1): the code over the ProtectedPart, and the key for it out of the shared secret. */
import { constantTimeEqual } from "#shared/crypto/equal";
import { hmac, iteratedHash, pbkdf2 } from "#shared/crypto/password-mac";
import type { MacAlgorithm } from "./mac-algorithm.ts";

/** A key for one algorithm with its salt. Wipe `key` after use. */
export interface MacKey {
  readonly algorithm: MacAlgorithm;
  readonly key: Uint8Array;
}

export async function deriveMacKey(algorithm: MacAlgorithm, secret: Uint8Array): Promise<MacKey> {
  const { salt, iterations } = algorithm;
  const key =
    algorithm.type === "PasswordBasedMac"
      ? iteratedHash(algorithm.owf, secret, salt, iterations)
      : await pbkdf2(algorithm.prf, secret, salt, iterations, algorithm.keyOctets);
  return { algorithm, key };
}

export const macOf = ({ algorithm, key }: MacKey, protectedPart: Uint8Array): Uint8Array =>
  hmac(algorithm.mac, key, protectedPart);

/** In constant time. */
export const verifyMac = (key: MacKey, protectedPart: Uint8Array, protection: Uint8Array): boolean =>
  constantTimeEqual(macOf(key, protectedPart), protection);
