/**
 * RSAES-PKCS1-v1_5 (RFC 8017 7.2) of content-encryption keys, without telling anybody whether the padding was right: that
 * would decrypt whatever is asked about, bit by bit (Bleichenbacher; RFC 3218). OpenSSL answers wrong padding with octets
 * that follow from key and ciphertext (implicit rejection); a key of another length is answered in the same way here.
 */
import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { hmacSha256 } from "#shared/crypto/hmac";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

type Decrypt = (key: KeyObject, ciphertext: Uint8Array) => Uint8Array;

const opensslDecrypt: Decrypt = (key, ciphertext) =>
  privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, ciphertext);

export interface KeyTransport {
  /**
   * @param ciphertext as long as the modulus
   * @returns `keyBytes` octets, at most 32
   * @throws Failure `misconfigured` in a runtime that tells wrong padding from right: it would be the oracle
   */
  contentKey(key: KeyObject, ciphertext: Uint8Array, keyBytes: number): Uint8Array;
}

/** @param rejection from it comes what is answered where there is no key of that length */
export function createKeyTransport(rejection: Uint8Array, decrypt: Decrypt = opensslDecrypt): KeyTransport {
  let silent = false;
  return {
    contentKey(key, ciphertext, keyBytes) {
      silent ||= isSilent(key, decrypt);
      if (!silent)
        throw new Failure(
          "misconfigured",
          "OpenSSL of this Node tells wrong padding from right; start the pinned Node",
        );
      const instead = hmacSha256(rejection, ciphertext).subarray(0, keyBytes);
      let message: Uint8Array;
      try {
        message = decrypt(key, ciphertext);
      } catch {
        return instead; // not below the modulus, which anybody can see
      }
      const content = Uint8Array.from(message.length === keyBytes ? message : instead);
      message.fill(0);
      return content;
    },
  };
}

/** Whether padding of a signature, which is none of an encryption, gives an answer, and twice the same. */
function isSilent(key: KeyObject, decrypt: Decrypt): boolean {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const block = Buffer.alloc(modulusLength / 8, 0x07);
  block.writeUInt16BE(0x0001);
  const wrong = publicEncrypt({ key: createPublicKey(key), padding: constants.RSA_NO_PADDING }, block);
  try {
    return sameBytes(decrypt(key, wrong), decrypt(key, wrong));
  } catch {
    return false;
  }
}
