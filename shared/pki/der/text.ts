/** Character strings of Names and attributes (X.690 8.23, RFC 5280 4.1.2.4). */
import { utf8Text } from "#shared/kernel/bytes";
import type { DerNode } from "./reader.ts";

// `*`, `&`, `@` and `_` are outside X.680 41.4 but common in what other CAs put here.
const printable = /^[A-Za-z0-9 '()+,\-./:=?*&@_]*$/;
const latin1 = new TextDecoder("latin1");
const utf16 = new TextDecoder("utf-16be", { fatal: true });

function decode(bytes: Uint8Array, decoder: (bytes: Uint8Array) => string): string | undefined {
  try {
    return decoder(bytes);
  } catch {
    return undefined;
  }
}

const accept = (text: string, pattern: RegExp): string | undefined => (pattern.test(text) ? text : undefined);

const kinds: Readonly<Record<number, { name: string; read: (bytes: Uint8Array) => string | undefined }>> = {
  12: { name: "UTF8String", read: (bytes) => decode(bytes, utf8Text) },
  18: { name: "NumericString", read: (bytes) => accept(latin1.decode(bytes), /^[0-9 ]*$/) },
  19: { name: "PrintableString", read: (bytes) => accept(latin1.decode(bytes), printable) },
  20: { name: "TeletexString", read: (bytes) => latin1.decode(bytes) },
  22: { name: "IA5String", read: (bytes) => (bytes.every((byte) => byte < 0x80) ? latin1.decode(bytes) : undefined) },
  30: { name: "BMPString", read: (bytes) => decode(bytes, (input) => utf16.decode(input)) },
};

export const isText = (node: DerNode): boolean => kinds[node.tag] !== undefined;

/** @param as the universal tag behind an IMPLICIT one. @throws Failure `malformed`; NUL is refused in any kind. */
export function readText(node: DerNode, what: string, as: number = node.tag): string {
  const kind = kinds[as] ?? node.fail(`${what}: not a character string`);
  const text = kind.read(node.content) ?? node.fail(`${what}: not valid in ${kind.name}`);
  if (text.includes("\0")) node.fail(`${what}: contains NUL`);
  return text;
}
