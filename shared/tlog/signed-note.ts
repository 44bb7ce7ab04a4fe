/**
 * Signed notes (C2SP signed-note) with Ed25519 keys: a text, a blank line, one line for each signature. The name of a key
 * is that of the log.
 */
import { sha256 } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { base64, concat, fromBase64, fromHex, hex, utf8 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

/** Signature type (C2SP signed-note, "Signature types"). */
const ed25519 = 0x01;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410 4). */
const spkiPrefix = fromHex("302a300506032b6570032100");
const keyBytes = 32;
const signatureBytes = 64;
const idBytes = 4;
const dash = "\u2014 ";
const maxSignatures = 100;

export interface VerifierKey {
  readonly name: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed; ends in a line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const isName = (name: string): boolean => name !== "" && !/[\s+]/u.test(name);

/** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
export const keyIdOf = ({ name, publicKey }: VerifierKey): Uint8Array =>
  sha256(concat(utf8(`${name}\n`), new Uint8Array([ed25519]), publicKey)).subarray(0, idBytes);

/** @param spki SubjectPublicKeyInfo, DER. @throws Failure `malformed` when it is no Ed25519 key */
export function ed25519FromSpki(spki: Uint8Array): Uint8Array {
  if (spki.length !== spkiPrefix.length + keyBytes || hex(spki).slice(0, spkiPrefix.length * 2) !== hex(spkiPrefix))
    throw new Failure("malformed", "this is no Ed25519 public key");
  return spki.subarray(spkiPrefix.length);
}

/** `<name>+<hash>+<key>`, as C2SP and Go's `note` write it. */
export const formatVerifierKey = (key: VerifierKey): string =>
  `${key.name}+${hex(keyIdOf(key))}+${base64(concat(new Uint8Array([ed25519]), key.publicKey))}`;

/** @throws Failure `malformed` */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = "", , ...rest] = text.split("+");
  const bytes = fromBase64(rest.join("+"));
  const key = { name, publicKey: bytes.subarray(1) };
  if (bytes[0] !== ed25519 || bytes.length !== 1 + keyBytes || !isName(name) || formatVerifierKey(key) !== text)
    throw new Failure(
      "malformed",
      "the verifier key must be <name>+<8 hex digits>+<base64>, as `trstctl audit key` prints it",
    );
  return key;
}

export const formatNote = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(({ name, keyId, signature }) => `${dash}${name} ${base64(concat(keyId, signature))}\n`).join("")}`;

/** Exact: what it gives, formatted again, is the very text. @throws Failure `malformed` */
export function parseNote(note: string): Note {
  const malformed = (what: string): never => {
    throw new Failure("malformed", `this is no signed note: ${what}`);
  };
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0) return malformed("there is no blank line before the signatures");
  const lines = note.slice(cut + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0 || lines.length > maxSignatures) return malformed("it has no signature");
  const signatures = lines.map((line) => {
    const [name = "", signed = "", ...more] = line.startsWith(dash) ? line.slice(dash.length).split(" ") : [];
    const bytes = fromBase64(signed);
    if (!isName(name) || more.length > 0 || bytes.length <= idBytes || base64(bytes) !== signed)
      return malformed("a signature line is not <dash> <name> <base64>");
    return { name, keyId: bytes.subarray(0, idBytes), signature: bytes.subarray(idBytes) };
  });
  return { text: note.slice(0, cut + 1), signatures };
}

/** The signature line of a key over a text. */
export const noteSignature = (key: VerifierKey, signature: Uint8Array): NoteSignature => ({
  name: key.name,
  keyId: keyIdOf(key),
  signature,
});

/**
 * The first signature line of this key decides; those of other keys say nothing.
 * @throws Failure `corrupt` when the key has signed something else, or nothing
 */
export async function verifyNote({ text, signatures }: Note, key: VerifierKey): Promise<void> {
  const id = hex(keyIdOf(key));
  const own = signatures.find(({ name, keyId }) => name === key.name && hex(keyId) === id);
  if (own === undefined) throw new Failure("corrupt", `it bears no signature of ${key.name}+${id}`);
  const good =
    own.signature.length === signatureBytes &&
    (await verifySignature({
      algorithm: "Ed25519",
      spki: concat(spkiPrefix, key.publicKey),
      data: utf8(text),
      signature: own.signature,
    }));
  if (!good) throw new Failure("corrupt", `the signature of ${key.name}+${id} does not fit the text`);
}
