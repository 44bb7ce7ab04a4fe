import { createHmac, hkdfSync } from "node:crypto";

/** HMAC-SHA-256, 32 bytes. */
export const hmacSha256 = (key: Uint8Array, data: Uint8Array | string): Uint8Array =>
  new Uint8Array(createHmac("sha256", key).update(data).digest());

/** HKDF-SHA-256 (RFC 5869) without salt: one 32-byte key for each `info`. */
export const deriveKey = (key: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, new Uint8Array(0), info, 32));
