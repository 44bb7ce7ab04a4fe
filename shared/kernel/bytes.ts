/** Byte and text conversions. Nothing here compares secrets: that is `shared/crypto/equal`. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** @throws TypeError when the bytes are not valid UTF-8. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Lower-case hex. */
export const hex = (bytes: Uint8Array): string => view(bytes).toString("hex");
export const base64 = (bytes: Uint8Array): string => view(bytes).toString("base64");
export const base64url = (bytes: Uint8Array): string => view(bytes).toString("base64url");

const alphabet = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/** Base64 (RFC 4648 4, without line feeds) as bytes: what is secret does not become a string. */
export function base64Bytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at++] = alphabet[word >> 18] as number;
    out[at++] = alphabet[(word >> 12) & 63] as number;
    out[at++] = left > 1 ? (alphabet[(word >> 6) & 63] as number) : 0x3d;
    out[at++] = left > 2 ? (alphabet[word & 63] as number) : 0x3d;
  }
  return out;
}

export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
export const fromBase64url = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => concatAll(parts);

/** For long lists: arguments are bounded by the stack. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Public bytes only: stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && view(a).equals(view(b));
}
