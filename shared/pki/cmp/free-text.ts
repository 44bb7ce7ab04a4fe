/** PKIFreeText (RFC 9810 5.1.1): a list of UTF8Strings for people. */
import { type DerNode, readText } from "../der/reader.ts";
import { sequence, utf8String } from "../der/writer.ts";

const maxTexts = 32;
const maxShown = 1_000;

export const freeText = (text: string): Uint8Array => sequence(utf8String(text.slice(0, maxShown).toWellFormed()));

/** @throws Failure `malformed` */
export function parseFreeText(node: DerNode): string[] {
  const texts = node.expect(0x30, "PKIFreeText").children();
  if (texts.length === 0 || texts.length > maxTexts) node.fail(`PKIFreeText of ${texts.length} texts`);
  return texts.map((text) => readText(text.expect(0x0c, "PKIFreeText"), "PKIFreeText").slice(0, maxShown));
}
