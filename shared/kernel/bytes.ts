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
