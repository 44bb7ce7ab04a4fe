/** Identifiers. The caller brings clock and randomness, so that `decide` and `evolve` stay pure. */

import { hex } from "./bytes.ts";

/**
 * UUID version 7 (RFC 9562 5.7): sorts by creation time.
 * @param nowMs milliseconds since 1970 @param random 10 random bytes
 */
export function uuidv7(nowMs: number, random: Uint8Array): string {
  if (random.length !== 10) throw new TypeError(`uuidv7: random must be 10 bytes, got ${random.length}`);
  const time = nowMs.toString(16).padStart(12, "0");
  const tail = hex(random);
  const versioned = `7${tail.slice(1, 4)}`;
  const variant = ((Number.parseInt(tail.slice(4, 5), 16) & 0x3) | 0x8).toString(16) + tail.slice(5, 8);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-${versioned}-${variant}-${tail.slice(8, 20)}`;
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Lower-case base32 (RFC 4648 6) without padding: safe in labels, paths and file names. */
export function base32Label(bytes: Uint8Array): string {
  let out = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += base32[(value >> bits) & 31];
    }
  }
  if (bits > 0) out += base32[(value << (5 - bits)) & 31];
  return out;
}

const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** `#` must be illegal in a tenant id: it delimits partition keys (DESIGN §4, aws-facts §2). */
export const isTenantId = (text: string): boolean => tenantPattern.test(text);
