/** Message authentication with a key from a shared secret: HMAC, and the two derivations that CMP names (RFC 9810 5.1.3.1). */
import { createHmac, hash as digest, pbkdf2 as derive } from "node:crypto";

/** `sha1` for HMAC and PBKDF2 alone, whose strength does not rest on collisions (RFC 6151 2 says so of weaker ones). */
export type MacHash = "sha1" | "sha256" | "sha384" | "sha512";

export const hmac = (hash: MacHash, key: Uint8Array, data: Uint8Array): Uint8Array =>
  new Uint8Array(createHmac(hash, key).update(data).digest());

/** PBKDF2 (RFC 8018 5.2), on the thread pool. @returns `octets` bytes */
export const pbkdf2 = (
  hash: MacHash,
  secret: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  octets: number,
): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    derive(secret, salt, iterations, octets, hash, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });

/** The base key of PasswordBasedMac: hash of secret and salt, hashed again (RFC 4211 4.4). On the caller's thread: bound the count. */
export function iteratedHash(
  hash: Exclude<MacHash, "sha1">,
  secret: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): Uint8Array {
  const start = new Uint8Array(secret.length + salt.length);
  start.set(secret);
  start.set(salt, secret.length);
  let key = digest(hash, start, "buffer");
  start.fill(0);
  for (let i = 1; i < iterations; i++) key = digest(hash, key, "buffer");
  return new Uint8Array(key);
}
