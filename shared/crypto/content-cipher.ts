/** Content encryption of CMS in CBC mode (RFC 3565, RFC 3370 5.1): one row each, a lookup that throws (I4). */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { randomBytes } from "./random.ts";

interface Row {
  /** OpenSSL's name. */
  readonly cipher: string;
  readonly keyOctets: number;
  readonly ivOctets: number;
}

export const contentCiphers = {
  "aes128-CBC": { cipher: "aes-128-cbc", keyOctets: 16, ivOctets: 16 },
  "aes192-CBC": { cipher: "aes-192-cbc", keyOctets: 24, ivOctets: 16 },
  "aes256-CBC": { cipher: "aes-256-cbc", keyOctets: 32, ivOctets: 16 },
  /** 64-bit blocks: only where an operator asks for it. */
  "des-EDE3-CBC": { cipher: "des-ede3-cbc", keyOctets: 24, ivOctets: 8 },
} as const satisfies Record<string, Row>;

export type ContentCipher = keyof typeof contentCiphers;

export interface EncryptedContent {
  /** The content-encryption key: wipe it after use. */
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Under a new key, padded after RFC 5652 6.3. */
export function encryptContent(name: ContentCipher, content: Uint8Array): EncryptedContent {
  const { cipher, keyOctets, ivOctets } = contentCiphers[name];
  const key = randomBytes(keyOctets);
  const iv = randomBytes(ivOctets);
  const state = createCipheriv(cipher, key, iv);
  return { key, iv, ciphertext: new Uint8Array(Buffer.concat([state.update(content), state.final()])) };
}

/**
 * What follows for a key of a wrong length is what follows for a wrong key (RFC 3218 2.3.2): whoever sends cannot tell
 * them apart.
 * @returns undefined when the padding is wrong
 */
export function decryptContent(name: ContentCipher, { key, iv, ciphertext }: EncryptedContent): Uint8Array | undefined {
  const { cipher, keyOctets } = contentCiphers[name];
  const state = createDecipheriv(cipher, key.length === keyOctets ? key : randomBytes(keyOctets), iv);
  try {
    return new Uint8Array(Buffer.concat([state.update(ciphertext), state.final()]));
  } catch {
    return undefined;
  }
}
