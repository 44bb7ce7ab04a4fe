import { createHash, hash } from "node:crypto";
import { hex } from "#shared/kernel/bytes";

const digest = (algorithm: string, bytes: Uint8Array | string): Uint8Array =>
  new Uint8Array(hash(algorithm, bytes, "buffer"));

export const sha256 = (bytes: Uint8Array | string): Uint8Array => digest("sha256", bytes);

/** Lower-case hex of SHA-256. */
export const sha256Hex = (bytes: Uint8Array | string): string => hash("sha256", bytes, "hex");

/** SHA-1, only where a standard names it: key identifiers (RFC 5280 4.2.1.2) and OCSP CertID (RFC 6960 4.1.1). */
export const sha1 = (bytes: Uint8Array): Uint8Array => digest("sha1", bytes);

/** SHA-256 over length-prefixed parts, so that no two lists of parts give the same input. */
export function sha256Parts(domain: string, ...parts: readonly (Uint8Array | string)[]): string {
  const state = createHash("sha256").update(domain).update("\0");
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    state.update(length).update(bytes);
  }
  return hex(state.digest());
}
