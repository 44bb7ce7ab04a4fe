/** What a person compares and types in a device sign-in (RFC 8628 6.1): eight letters that spell no word, 34 bits. */
import { randomBytes } from "#shared/crypto/random";

/** No vowels, no digits, nothing that looks like another: the RFC's own set of twenty. */
const letters = "BCDFGHJKLMNPQRSTVWXZ";
const length = 8;
const spoken = new RegExp(`^[${letters}]{${length}}$`);

/** `WDJBMJHT`, each letter equally likely. */
export function newUserCode(): string {
  let code = "";
  while (code.length < length) {
    const [byte = 255] = randomBytes(1);
    // 240 is the last multiple of 20 in a byte: what lies above would make some letters likelier.
    if (byte < 240) code += letters[byte % letters.length];
  }
  return code;
}

/** As it is shown: `WDJB-MJHT`. */
export const shownUserCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;

/** What was typed, with or without the dash, in either case. @returns undefined for what no code looks like */
export function userCodeOf(typed: string): string | undefined {
  const code = typed.replace(/[\s-]/g, "").toUpperCase();
  return spoken.test(code) ? code : undefined;
}
