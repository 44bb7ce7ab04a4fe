/**
 * RSAES-PKCS1-v1_5 (RFC 8017 7.2) of content-encryption keys, without telling anybody whether the padding was right: that
 * would decrypt whatever is asked about, one bit at a time (Bleichenbacher; RFC 3218). OpenSSL answers wrong padding with
 * octets that follow from key and ciphertext (implicit rejection); a key of another length is answered in the same way here.
 */
import { constants, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import { hmacSha256 } from "#shared/crypto/hmac";
import { sameBytes } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

const decrypt = (key: KeyObject, ciphertext: Uint8Array): Uint8Array =>
  privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, ciphertext);

let checked = false;

/** A runtime without it would be an oracle: it decrypts nothing. @throws Failure `misconfigured` */
function assertImplicitRejection(key: KeyObject): void {
  if (checked) return;
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const block = Buffer.alloc(modulusLength / 8, 0x07);
  block.writeUInt16BE(0x0001); // of a signature, not of an encryption
  const wrong = publicEncrypt({ key: createPublicKey(key), padding: constants.RSA_NO_PADDING }, block);
  try {
    checked = sameBytes(decrypt(key, wrong), decrypt(key, wrong));
  } catch {
    checked = false;
  }
  if (!checked)
    throw new Failure("misconfigured", "OpenSSL of this Node tells wrong padding from right; start the pinned Node");
}

/**
 * @param rejection of this key store; from it comes what is answered where there is no key of that length
 * @param ciphertext as long as the modulus
 * @returns `keyBytes` octets, at most 32
 */
export function contentKey(
  key: KeyObject,
  rejection: Uint8Array,
  ciphertext: Uint8Array,
  keyBytes: number,
): Uint8Array {
  assertImplicitRejection(key);
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
}
