/** A secret that an operator keeps in a file of its owner's alone: a KEK, a PIN, a private key. */
import { lstatSync, readFileSync } from "node:fs";
import { Failure } from "./failure.ts";
import { SecretBytes } from "./secret-bytes.ts";

export interface SecretFile {
  /** What it is, in the words of the message. */
  readonly what: string;
  readonly path: string;
  /** What to do when it is missing. */
  readonly missing: string;
}

/** @throws Failure `misconfigured` for one that is missing, a link, or readable by others */
export function readSecretFile({ what, path, missing }: SecretFile): SecretBytes {
  const refuse = (problem: string, way: string): never => {
    throw new Failure("misconfigured", `${what} ${path} ${problem}; ${way}`);
  };
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return refuse("does not exist", missing);
  if (!stat.isFile()) return refuse("is not a regular file", "put the secret itself there, no link");
  if ((stat.mode & 0o077) !== 0)
    return refuse("can be read by others", `chmod 600 ${path}, and consider who has read it`);
  const bytes = readFileSync(path);
  const secret = Uint8Array.from(bytes);
  bytes.fill(0);
  return new SecretBytes(secret);
}

/** The secret without the line feed that editors put behind it, in the place of the whole, which is wiped. */
export function withoutLineFeed(file: SecretBytes): SecretBytes {
  using whole = file;
  const text = whole.reveal();
  let end = text.length;
  while (end > 0 && (text[end - 1] === 0x0a || text[end - 1] === 0x0d)) end--;
  return new SecretBytes(text.slice(0, end));
}
