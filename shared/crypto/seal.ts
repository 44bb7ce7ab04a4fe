import { createCipheriv, createDecipheriv } from "node:crypto";
import { concat } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { randomBytes } from "./random.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `aad` binds the ciphertext to its place and must be given again to open. */
export function seal(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  return concat(nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** @throws Failure `corrupt` when key, place or bytes are not the sealed ones. */
export function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  if (sealed.length < nonceBytes + tagBytes) throw new Failure("corrupt", "sealed value is too short");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    const plaintext = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
    decipher.final(); // GCM: no bytes, but the tag is checked here
    const opened = new Uint8Array(plaintext);
    plaintext.fill(0);
    return opened;
  } catch (cause) {
    throw new Failure("corrupt", "sealed value does not open with this key at this place", { cause });
  }
}
