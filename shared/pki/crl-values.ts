/** Reading CRLs (RFC 5280 5). */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { sameBytes } from "#shared/kernel/bytes";
import { DerFields } from "./der/fields.ts";
import {
  type DerLimits,
  type DerNode,
  readBitString,
  readDer,
  readEnumerated,
  readInteger,
  readSmallInteger,
  readTime,
} from "./der/reader.ts";
import { encodingOf, type TimeEncoding, timeEncoding } from "./der/time.ts";
import { type Extensions, extensionFacts, fullNameUrls, parseExtensions } from "./extension-values.ts";
import { type Name, parseName } from "./name.ts";
import { oidName, oids } from "./oids.ts";
import { type ReasonName, reasonOf } from "./reason.ts";
import { readSerial } from "./serial.ts";
import { algorithmIdentifier, parseSignatureAlgorithm } from "./signature-algorithm.ts";

/** About 150,000 entries. */
export const crlLimits: DerLimits = { maxBytes: 16_777_216, maxElements: 1_048_576 };

export interface CrlEntry {
  readonly serialHex: string;
  readonly revokedAtMs: number;
  readonly reason: ReasonName;
}

export interface TbsCertList {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly issuerDer: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** How the two times are encoded. */
  readonly timeEncoding: readonly [TimeEncoding, TimeEncoding];
  readonly number: bigint;
  readonly aki?: Uint8Array;
  /** The one fullName URL of the IssuingDistributionPoint. */
  readonly idpUrl?: string;
  readonly deltaBase?: bigint;
  /** Entries, one after another, DER; empty when there are none. */
  readonly list: Uint8Array;
  /** Octets at the start of `list` that the reader knew already: `entries` has only what follows. */
  readonly knownOctets: number;
  readonly entries: CrlEntry[];
  readonly extensions: Extensions;
  readonly tbs: Uint8Array;
}

export interface CertificateList extends TbsCertList {
  readonly signature: Uint8Array;
  readonly der: Uint8Array;
}

function entryReason(node: DerNode): ReasonName {
  const extensions = parseExtensions(node, "refuse");
  for (const [dotted, { critical }] of extensions)
    if (critical) node.fail(`CRL entry: critical extension ${oidName(dotted)} is not supported`);
  const found = extensions.get(oids.reasonCode);
  if (found === undefined) return "unspecified";
  const code = readEnumerated(readDer(found.value, { field: node.field }), "reasonCode", 10);
  if (code === 0) node.fail("CRL entry: reasonCode unspecified is encoded (RFC 5280 5.3.1)");
  return reasonOf(code, node.field);
}

function parseEntries(node: DerNode | undefined, knownOctets: number): CrlEntry[] {
  if (node === undefined) return [];
  const all = node.children();
  if (all.length === 0) node.fail("revokedCertificates: empty");
  let known = 0;
  let octets = 0;
  while (octets < knownOctets)
    octets += all[known++]?.raw.length ?? node.fail("CRL: its entries end before those known");
  if (octets > knownOctets) node.fail("CRL: an entry goes beyond those known");
  const members = all.slice(known);
  const seen = new Set<string>();
  return members.map((member) => {
    const fields = new DerFields(member, "CRL entry");
    const serialHex = readSerial(fields.next("userCertificate"));
    const revocationDate = fields.next("revocationDate");
    const revokedAtMs = readTime(revocationDate, "revocationDate");
    if (timeEncoding(revocationDate) !== encodingOf(revokedAtMs))
      member.fail(`revocationDate must be ${encodingOf(revokedAtMs)} (RFC 5280 5.1.2.6)`);
    const extensions = fields.optional(0x30);
    fields.end();
    if (seen.has(serialHex)) member.fail(`serial ${serialHex} comes twice`);
    seen.add(serialHex);
    return { serialHex, revokedAtMs, reason: extensions === undefined ? "unspecified" : entryReason(extensions) };
  });
}

/** @returns the URL, when there is exactly one and no scope flag narrows the CRL in a way that we do not issue */
function distributionPointUrl(node: DerNode): string | undefined {
  const fields = new DerFields(node, "IssuingDistributionPoint");
  const name = fields.explicit(0xa0, "distributionPoint");
  for (const tag of [0x81, 0x82]) fields.optional(tag);
  if (fields.peek !== -1)
    node.fail("IssuingDistributionPoint: by reason, indirect or attribute CRLs are not supported");
  if (name === undefined) return undefined;
  const urls = fullNameUrls(name);
  return urls.length === 1 ? urls[0] : node.fail("IssuingDistributionPoint: expected one URL");
}

const understood: ReadonlySet<string> = new Set([oids.deltaCRLIndicator, oids.issuingDistributionPoint]);

/** @returns octets at the start of `list` that need no reading: it was read before, whole entries and no others */
export type KnownEntries = (crl: Pick<TbsCertList, "idpUrl" | "deltaBase" | "list">) => number;

const nothingKnown: KnownEntries = () => 0;

function readTbs(node: DerNode, limits: DerLimits, known: KnownEntries): TbsCertList {
  const fields = new DerFields(node, "TBSCertList");
  if (readSmallInteger(fields.next("version"), "version", 1) !== 1) node.fail("TBSCertList: version must be 2");
  const signatureAlgorithm = parseSignatureAlgorithm(fields.next("signature"));
  const issuer = fields.next("issuer");
  const thisUpdate = fields.next("thisUpdate");
  const thisUpdateMs = readTime(thisUpdate, "thisUpdate");
  const nextUpdate = fields.next("nextUpdate");
  const nextUpdateMs = readTime(nextUpdate, "nextUpdate");
  const revoked = fields.optional(0x30);
  const extensionList = fields.explicit(0xa0, "crlExtensions");
  fields.end();
  const extensions =
    extensionList === undefined ? node.fail("TBSCertList: no extensions") : parseExtensions(extensionList, "refuse");
  for (const [dotted, { critical }] of extensions)
    if (critical && !understood.has(dotted)) node.fail(`CRL: critical extension ${oidName(dotted)} is not supported`);
  const inner = (dotted: string): DerNode | undefined => {
    const found = extensions.get(dotted);
    return found && readDer(found.value, { field: limits.field });
  };
  const number = inner(oids.cRLNumber) ?? node.fail("TBSCertList: no cRLNumber (RFC 5280 5.2.3)");
  const delta = inner(oids.deltaCRLIndicator);
  const point = inner(oids.issuingDistributionPoint);
  const idpUrl = point && distributionPointUrl(point);
  const { aki } = extensionFacts(extensions, "refuse", { field: limits.field });
  const deltaBase = delta && readInteger(delta, "deltaCRLIndicator");
  const facts = {
    ...(idpUrl !== undefined && { idpUrl }),
    ...(deltaBase !== undefined && { deltaBase }),
    list: revoked?.content ?? new Uint8Array(0),
  };
  const knownOctets = known(facts);
  const entries = parseEntries(revoked, knownOctets);
  if (delta === undefined && entries.some((entry) => entry.reason === "removeFromCRL"))
    node.fail("CRL: removeFromCRL outside a delta CRL (RFC 5280 5.3.1)");
  return {
    signatureAlgorithm,
    issuer: parseName(issuer),
    issuerDer: issuer.raw,
    thisUpdateMs,
    nextUpdateMs,
    timeEncoding: [timeEncoding(thisUpdate), timeEncoding(nextUpdate)],
    number: readInteger(number, "cRLNumber"),
    ...(aki && { aki }),
    ...facts,
    knownOctets,
    entries,
    extensions,
    tbs: node.raw,
  };
}

/** Version 2 with nextUpdate and cRLNumber; duplicate serials refused. @throws Failure `malformed` */
export const parseTbsCertList = (
  tbs: Uint8Array,
  limits: DerLimits = crlLimits,
  known: KnownEntries = nothingKnown,
): TbsCertList => readTbs(readDer(tbs, limits), limits, known);

/** @throws Failure `malformed` */
export function parseCertificateList(der: Uint8Array, limits: DerLimits = crlLimits): CertificateList {
  const fields = new DerFields(readDer(der, limits), "CertificateList");
  const tbs = fields.next("tbsCertList");
  const outer = fields.next("signatureAlgorithm");
  const signature = readBitString(fields.next("signatureValue"), "signatureValue");
  fields.end();
  const parsed = readTbs(tbs, limits, nothingKnown);
  if (!sameBytes(outer.raw, algorithmIdentifier(parsed.signatureAlgorithm)))
    outer.fail("CertificateList: inner and outer signature algorithms differ (RFC 5280 5.1.1.2)");
  return { ...parsed, signature, der };
}
