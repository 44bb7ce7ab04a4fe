/** Distinguished names (RFC 5280 4.1.2.4, RFC 4514). */
import { fromHex, hex } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { DerFields } from "./der/fields.ts";
import { type DerNode, readDer, readOid, readText } from "./der/reader.ts";
import { isText } from "./der/text.ts";
import { ia5String, oid, printableString, sequence, sequenceOf, set, tlv, utf8String } from "./der/writer.ts";
import { attributeOids, byOid } from "./oids.ts";

export interface NameAttribute {
  /** Short name from `attributeOids`, or the dotted OID. */
  readonly type: string;
  /** Text; for a dotted type whose value is not a UTF8String, `#` and the hex of its DER (RFC 4514 2.4). */
  readonly value: string;
}

/** Relative distinguished names in the order of the DER, most significant first. */
export type Name = readonly (readonly NameAttribute[])[];

const maxRdns = 32;
const maxAttributes = 8;

type Encode = (text: string) => Uint8Array;
const ascii: Encode = (text) => ia5String(text);

/** Encoding and upper bound in characters (RFC 5280 A.1). */
const attributes: Readonly<Record<keyof typeof attributeOids, { encode: Encode; max: number }>> = {
  CN: { encode: utf8String, max: 64 },
  serialNumber: { encode: printableString, max: 64 },
  C: { encode: printableString, max: 2 },
  L: { encode: utf8String, max: 128 },
  ST: { encode: utf8String, max: 128 },
  STREET: { encode: utf8String, max: 128 },
  O: { encode: utf8String, max: 64 },
  OU: { encode: utf8String, max: 64 },
  UID: { encode: utf8String, max: 256 },
  DC: { encode: ascii, max: 63 },
  emailAddress: { encode: ascii, max: 255 },
};

const typeNames = byOid<keyof typeof attributeOids>(attributeOids);
const isKnown = (type: string): type is keyof typeof attributeOids => Object.hasOwn(attributes, type);

const refuse = (detail: string, cause?: unknown): never => {
  throw new Failure("invalid_field", detail, { field: "subject", cause });
};

function unlistedDer(type: string, value: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d{0,38})){1,40}$/.test(type)) refuse(`${type}: not a name attribute or object identifier`);
  return sequence(
    oid(type),
    /^#([0-9a-f]{2})+$/.test(value) ? readDer(fromHex(value.slice(1))).raw : utf8String(value),
  );
}

function listedDer(type: keyof typeof attributeOids, value: string): Uint8Array {
  const row = attributes[type];
  if (Array.from(value).length > row.max) refuse(`${type}: longer than ${row.max} characters`);
  if (type === "C" && value.length !== 2) refuse("C: must be a two-letter country code");
  return sequence(oid(attributeOids[type]), row.encode(value));
}

function attributeDer(attribute: NameAttribute): Uint8Array {
  const type = typeNames.get(attribute.type) ?? attribute.type;
  const { value } = attribute;
  if (value === "" || value.includes("\0")) refuse(`${type}: empty, or contains NUL`);
  if (!value.isWellFormed()) refuse(`${type}: is not valid Unicode`);
  try {
    return isKnown(type) ? listedDer(type, value) : unlistedDer(type, value);
  } catch (cause) {
    if (isFailure(cause, "invalid_field")) throw cause;
    return refuse(`${type}: has a type or characters that cannot be encoded`, cause);
  }
}

/** @throws Failure `invalid_field` (`subject`) for values that the attribute cannot hold */
export const nameDer = (name: Name): Uint8Array =>
  sequenceOf(
    name.map((rdn) => {
      if (rdn.length === 0) throw new TypeError("nameDer: an RDN has no attribute");
      return rdn.length === 1 ? tlv(0x31, rdn.map(attributeDer)) : set(...rdn.map(attributeDer));
    }),
  );

function parseAttribute(node: DerNode): NameAttribute {
  const fields = new DerFields(node, "AttributeTypeAndValue");
  const dotted = readOid(fields.next("type"), "attribute type");
  const value = fields.next("value");
  fields.end();
  const type = typeNames.get(dotted) ?? dotted;
  if (value.length > 1024) node.fail(`${type}: value longer than 1024 octets`);
  if (type !== dotted) return { type, value: readText(value, type) };
  const text = value.tag === 0x0c && isText(value) ? readText(value, type) : undefined;
  return { type, value: text === undefined || text.startsWith("#") ? `#${hex(value.raw)}` : text };
}

/** @throws Failure `malformed` */
export function parseName(node: DerNode): Name {
  const rdns = node.expect(0x30, "Name").children();
  if (rdns.length > maxRdns) node.fail(`Name: more than ${maxRdns} RDNs`);
  return rdns.map((rdn) => {
    const members = rdn.expect(0x31, "RelativeDistinguishedName").children();
    if (members.length === 0 || members.length > maxAttributes) rdn.fail(`RDN with ${members.length} attributes`);
    return members.map(parseAttribute);
  });
}

// RFC 4514 2.4; control characters too, so that a name never breaks a line or a terminal.
const escapeValue = (value: string): string =>
  value
    .replace(/["+,;<>\\]/g, "\\$&")
    .replace(/[\u0000-\u001f\u007f]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(/^[ #]/, "\\$&")
    .replace(/(?<!\\) $/, "\\ ");

function attributeText({ type, value }: NameAttribute): string {
  if (isKnown(type)) return `${type}=${escapeValue(value)}`;
  return `${type}=${/^#([0-9a-f]{2})+$/.test(value) ? value : `#${hex(utf8String(value))}`}`;
}

/** RFC 4514: last RDN first. */
export const nameText = (name: Name): string =>
  name
    .map((rdn) => rdn.map(attributeText).join("+"))
    .reverse()
    .join(",");

/** Name with a common name and, above it, an organisation. */
export const commonName = (cn: string, o?: string): Name => [
  ...(o === undefined ? [] : [[{ type: "O", value: o }]]),
  [{ type: "CN", value: cn }],
];
