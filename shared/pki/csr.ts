/** PKCS #10 requests (RFC 2986) and proof of possession. */
import { type SignatureAlgorithm, verifySignature } from "#shared/crypto/signature";
import { Failure, isFailure } from "#shared/kernel/failure";
import { DerFields } from "./der/fields.ts";
import { type DerNode, readBitString, readDer, readOid, readSmallInteger, readText } from "./der/reader.ts";
import { parseExtensions, parseGeneralNames } from "./extension-values.ts";
import { canonicalName, type GeneralName } from "./general-name.ts";
import { canSign, type PublicKeyInfo, parseSpki } from "./key.ts";
import { type Name, parseName } from "./name.ts";
import { oidName, oids } from "./oids.ts";
import { parseRequestSignatureAlgorithm } from "./signature-algorithm.ts";

export interface RequestedExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface Csr {
  readonly subject: Name;
  readonly key: PublicKeyInfo;
  /** From the requested subjectAltName; canonical. Kinds that we do not issue come as `other`. */
  readonly sans: GeneralName[];
  readonly requestedExtensions: RequestedExtension[];
  /** Dotted OIDs of all attributes. */
  readonly attributes: string[];
  readonly challengePassword?: string;
  /** CertificationRequestInfo, DER: what is signed. */
  readonly requestInfo: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly der: Uint8Array;
}

const field = "csr";
const maxSans = 1_000;

type Attributes = ReadonlyMap<string, readonly DerNode[]>;

function parseAttributes(node: DerNode | undefined): Attributes {
  const out = new Map<string, DerNode[]>();
  for (const member of node?.children() ?? []) {
    const fields = new DerFields(member, "Attribute");
    const dotted = readOid(fields.next("type"));
    const values = fields.next("values", 0x31).children();
    fields.end();
    if (values.length === 0) member.fail(`attribute ${oidName(dotted)}: no value`);
    if (out.has(dotted)) member.fail(`attribute ${oidName(dotted)} comes twice`);
    out.set(dotted, values);
  }
  return out;
}

function single(attributes: Attributes, dotted: string): DerNode | undefined {
  const values = attributes.get(dotted);
  if (values !== undefined && values.length !== 1) values[0]?.fail(`attribute ${oidName(dotted)}: expected one value`);
  return values?.[0];
}

function parseRequested(attributes: Attributes): RequestedExtension[] {
  const standard = single(attributes, oids.extensionRequest);
  const microsoft = single(attributes, oids.microsoftExtensionRequest);
  // Two lists could say two things: which one wins would be a guess.
  if (standard !== undefined && microsoft !== undefined) standard.fail("extensions are requested in two attributes");
  const node = standard ?? microsoft;
  if (node === undefined || node.length === 0) return [];
  return [...parseExtensions(node, "accept")].map(([oid, { critical, value }]) => ({ oid, critical, value }));
}

function parseSans(requested: readonly RequestedExtension[]): GeneralName[] {
  const found = requested.find((extension) => extension.oid === oids.subjectAltName);
  if (found === undefined) return [];
  const names = parseGeneralNames(readDer(found.value, { field }));
  if (names.length > maxSans)
    throw new Failure("invalid_field", `more than ${maxSans} subject alternative names`, { field });
  return names.map((name) => (name.type === "other" ? name : canonicalName(name.type, name.value, field)));
}

/**
 * @param der one CertificationRequest of at most 64 KiB
 * @throws Failure `malformed` or `invalid_field` (`csr`). The signature is not yet checked: see `verifyCsr`.
 */
export function parseCsr(der: Uint8Array): Csr {
  const fields = new DerFields(readDer(der, { field }), "CertificationRequest");
  const infoNode = fields.next("certificationRequestInfo");
  const signatureAlgorithm = parseRequestSignatureAlgorithm(fields.next("signatureAlgorithm"));
  const signature = readBitString(fields.next("signature"), "signature");
  fields.end();
  const info = new DerFields(infoNode, "CertificationRequestInfo");
  readSmallInteger(info.next("version"), "version", 0);
  const subject = parseName(info.next("subject"));
  const key = parseSpki(info.next("subjectPKInfo"));
  const attributes = parseAttributes(info.optional(0xa0)); // not OPTIONAL in RFC 2986, but left out in the wild
  info.end();
  const requestedExtensions = parseRequested(attributes);
  const password = single(attributes, oids.challengePassword);
  return {
    subject,
    key,
    sans: parseSans(requestedExtensions),
    requestedExtensions,
    attributes: [...attributes.keys()],
    ...(password && { challengePassword: readText(password, "challengePassword") }),
    requestInfo: infoNode.raw,
    signatureAlgorithm,
    signature,
    der,
  };
}

/**
 * Proof of possession: the request is signed by the key that it asks a certificate for (RFC 2986 3).
 * @throws Failure `invalid_field` or `malformed` (`csr`)
 */
export async function verifyCsr(csr: Csr): Promise<void> {
  const algorithm = csr.signatureAlgorithm;
  if (!canSign(csr.key, algorithm))
    throw new Failure("invalid_field", `a ${csr.key.algorithm} key cannot sign with ${algorithm}`, { field });
  const input = { algorithm, spki: csr.key.spki, data: csr.requestInfo, signature: csr.signature };
  const valid = await verifySignature(input).catch((cause: unknown) => {
    if (isFailure(cause)) throw new Failure(cause.code, `certificate request: ${cause.message}`, { field, cause });
    throw cause;
  });
  if (!valid) throw new Failure("invalid_field", "the request is not signed by the key that it carries", { field });
}
