import { randomBytes } from "#shared/crypto/random";

/** 16 octets, positive, 126 random bits; never shorter (CA/B BR 7.1 wants 64 bits, RFC 5280 4.1.2.2 at most 20 octets). */
export function newSerial(): Uint8Array {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}
