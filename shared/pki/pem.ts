/** PEM (RFC 7468). Scans with indexOf only: the text is a peer's. */
import { base64, fromBase64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";

/** Upper bound for one text: a few hundred certificates. */
const maxText = 1_048_576;

const begin = "-----BEGIN ";
const end = "-----END ";
const dashes = "-----";

const refuse = (detail: string, field: string | undefined): never => {
  throw new Failure("malformed", detail, field === undefined ? {} : { field });
};

/** One block with 64-character lines and a final newline. */
export function pemEncode(label: string, der: Uint8Array): string {
  const lines = base64(der).replace(/.{64}(?=.)/g, "$&\n");
  return `${begin}${label}${dashes}\n${lines}\n${end}${label}${dashes}\n`;
}

function decodeBase64(text: string, what: string, field: string | undefined): Uint8Array {
  const packed = text.replace(/[\t\n\f\r ]+/g, "");
  const bytes = fromBase64(packed);
  // Re-encoding refuses whatever the lenient decoder skipped: other alphabets, bad padding, stray bits.
  if (packed === "" || base64(bytes) !== packed) refuse(`${what} is not base64`, field);
  return bytes;
}

interface Block {
  readonly label: string;
  readonly body: string;
}

function blocks(text: string, field: string | undefined): Block[] {
  if (text.length > maxText) refuse(`PEM text is longer than ${maxText} characters`, field);
  const found: Block[] = [];
  for (let at = text.indexOf(begin); at !== -1; ) {
    const labelEnd = text.indexOf(dashes, at + begin.length);
    const label = labelEnd === -1 ? "" : text.slice(at + begin.length, labelEnd);
    if (!/^[A-Z0-9 #]{1,64}$/.test(label)) refuse("a PEM BEGIN line has no label", field);
    const closing = `${end}${label}${dashes}`;
    const stop = text.indexOf(closing, labelEnd + dashes.length);
    if (stop === -1) refuse(`PEM block ${label} has no END line`, field);
    const body = text.slice(labelEnd + dashes.length, stop);
    if (body.includes(dashes)) refuse(`PEM block ${label} has another block within it`, field);
    found.push({ label, body });
    at = text.indexOf(begin, stop + closing.length);
  }
  return found;
}

const isPrivate = (label: string): boolean => label.endsWith("PRIVATE KEY");

function select(text: string, labels: readonly string[], field: string | undefined): Uint8Array[] {
  const found = blocks(text, field);
  const wanted = found.filter((block) => labels.includes(block.label));
  if (found.some((block) => isPrivate(block.label) && !labels.includes(block.label)))
    refuse("the text holds a PRIVATE KEY block: remove it, and treat that key as exposed", field);
  if (wanted.length === 0) {
    const others = [...new Set(found.map((block) => block.label))].slice(0, 5).join(", ");
    refuse(`no PEM block ${labels[0]}${others === "" ? "" : `, only ${others}`}`, field);
  }
  return wanted.map((block) => decodeBase64(block.body, `PEM block ${block.label}`, field));
}

/**
 * Every block with this label, in order; text around the blocks is ignored.
 * @throws Failure `malformed` when there is none, or when a private key was sent along
 */
export const pemDecode = (text: string, label: string, field?: string): Uint8Array[] => select(text, [label], field);

const csrLabels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"] as const;

/**
 * Exactly one PKCS #10 request as PEM or as base64 of its DER.
 * @throws Failure `malformed`
 */
export function decodeCsrText(text: string, field: string): Uint8Array {
  if (text.length > maxText) refuse(`text is longer than ${maxText} characters`, field);
  if (!text.includes(begin)) {
    if (text.trim() === "") refuse("the certificate request is empty", field);
    return decodeBase64(text, "the certificate request (no PEM BEGIN line)", field);
  }
  const found = select(text, csrLabels, field);
  if (found.length !== 1) refuse(`expected one certificate request, got ${found.length}`, field);
  return found[0] as Uint8Array;
}
