import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

// Node looks at a key that is no KeyObject in ways that cost more than the HMAC itself.
const prepared = new WeakMap<Uint8Array, KeyObject>();

function keyObject(key: Uint8Array): KeyObject {
  const known = prepared.get(key) ?? createSecretKey(key);
  prepared.set(key, known);
  return known;
}

/** HMAC-SHA-256, 32 bytes. @param key must not be written to afterwards: its prepared form is kept with it */
export const hmacSha256 = (key: Uint8Array, data: Uint8Array | string): Uint8Array =>
  new Uint8Array(createHmac("sha256", keyObject(key)).update(data).digest());

/** HKDF-SHA-256 (RFC 5869) without salt: one 32-byte key for each `info`. */
export const deriveKey = (key: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), info, 32));
