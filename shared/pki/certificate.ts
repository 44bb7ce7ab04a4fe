/** Certificates (RFC 5280 4.1): built on the hot path, read strictly. */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { sameBytes } from "#shared/kernel/bytes";
import { DerFields } from "./der/fields.ts";
import { type DerLimits, type DerNode, readBitString, readDer, readSmallInteger, readTime } from "./der/reader.ts";
import { type TimeEncoding, timeEncoding } from "./der/time.ts";
import { bitString, explicit, integer, sequence, tlv, utcOrGeneralizedTime } from "./der/writer.ts";
import {
  type ExplicitDefaults,
  type ExtensionFacts,
  type Extensions,
  extensionFacts,
  parseExtensions,
} from "./extension-values.ts";
import { type PublicKeyInfo, parseSpki } from "./key.ts";
import { type Name, parseName } from "./name.ts";
import { readSerial } from "./serial.ts";
import { algorithmIdentifier, parseSignatureAlgorithm } from "./signature-algorithm.ts";

export interface TbsSpec {
  /** Positive magnitude, most significant octet first; the sign octet is added when needed. */
  readonly serial: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuerNameDer: Uint8Array;
  readonly subjectNameDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Encoded Extensions, from `extensions.ts`. */
  readonly extensions: readonly Uint8Array[];
}

const version3 = explicit(0, integer(2));

/** TBSCertificate, DER. Trusts its parts: lint the result. */
export function buildTbsCertificate(spec: TbsSpec): Uint8Array {
  if (spec.extensions.length === 0) throw new TypeError("buildTbsCertificate: at least one extension");
  return tlv(0x30, [
    version3,
    integer(spec.serial),
    algorithmIdentifier(spec.signatureAlgorithm),
    spec.issuerNameDer,
    sequence(utcOrGeneralizedTime(spec.notBeforeMs), utcOrGeneralizedTime(spec.notAfterMs)),
    spec.subjectNameDer,
    spec.spki,
    explicit(3, tlv(0x30, spec.extensions)),
  ]);
}

/** Certificate or CertificateList: both are `{tbs, signatureAlgorithm, signature}`. */
export const assembleSigned = (tbs: Uint8Array, algorithm: SignatureAlgorithm, signature: Uint8Array): Uint8Array =>
  sequence(tbs, algorithmIdentifier(algorithm), bitString(signature));

export interface TbsCertificate extends ExtensionFacts {
  readonly version: 1 | 2 | 3;
  readonly serialHex: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly issuerDer: Uint8Array;
  readonly subject: Name;
  readonly subjectDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** How the two times are encoded. */
  readonly timeEncoding: readonly [TimeEncoding, TimeEncoding];
  readonly key: PublicKeyInfo;
  readonly spki: Uint8Array;
  readonly extensions: Extensions;
  /** The TBSCertificate itself. */
  readonly tbs: Uint8Array;
}

export interface Certificate extends TbsCertificate {
  readonly signature: Uint8Array;
  readonly der: Uint8Array;
}

function readTbs(node: DerNode, defaults: ExplicitDefaults, limits: DerLimits): TbsCertificate {
  const fields = new DerFields(node, "TBSCertificate");
  const versionNode = fields.explicit(0xa0, "version");
  const version = versionNode === undefined ? 1 : readSmallInteger(versionNode, "version", 2) + 1;
  if (versionNode !== undefined && version === 1) node.fail("TBSCertificate: the default version is encoded");
  const serialHex = readSerial(fields.next("serialNumber"));
  const signatureAlgorithm = parseSignatureAlgorithm(fields.next("signature"));
  const issuer = fields.next("issuer");
  const validity = new DerFields(fields.next("validity"), "Validity");
  const notBefore = validity.next("notBefore");
  const notAfter = validity.next("notAfter");
  validity.end();
  const subject = fields.next("subject");
  const key = parseSpki(fields.next("subjectPublicKeyInfo"));
  const list = fields.explicit(0xa3, "extensions");
  fields.end(); // unique identifiers too: RFC 5280 4.1.2.8 forbids them
  if (list !== undefined && version !== 3) node.fail(`TBSCertificate: extensions in version ${version}`);
  const extensions: Extensions = list === undefined ? new Map() : parseExtensions(list, defaults);
  return {
    version: version as 1 | 2 | 3,
    serialHex,
    signatureAlgorithm,
    issuer: parseName(issuer),
    issuerDer: issuer.raw,
    subject: parseName(subject),
    subjectDer: subject.raw,
    notBeforeMs: readTime(notBefore, "notBefore"),
    notAfterMs: readTime(notAfter, "notAfter"),
    timeEncoding: [timeEncoding(notBefore), timeEncoding(notAfter)],
    key,
    spki: key.spki,
    extensions,
    ...extensionFacts(extensions, defaults, limits),
    tbs: node.raw,
  };
}

/**
 * What we are about to sign: version 3, no encoded DEFAULT values, nothing that is not understood in its structure.
 * An unknown critical extension is not refused here: it is in `extensions` for the guard to judge.
 * @throws Failure `malformed`
 */
export function parseTbsCertificate(tbs: Uint8Array, limits: DerLimits = {}): TbsCertificate {
  const node = readDer(tbs, limits);
  const parsed = readTbs(node, "refuse", limits);
  return parsed.version === 3 ? parsed : node.fail(`TBSCertificate: version ${parsed.version}, must be 3`);
}

/**
 * A certificate from anywhere: any version, encoded DEFAULT values accepted.
 * @throws Failure `malformed`, also when key or signature algorithm are not supported
 */
export function parseCertificate(der: Uint8Array, limits: DerLimits = {}): Certificate {
  const fields = new DerFields(readDer(der, limits), "Certificate");
  const tbs = fields.next("tbsCertificate");
  const outer = fields.next("signatureAlgorithm");
  const signature = readBitString(fields.next("signatureValue"), "signatureValue");
  fields.end();
  const parsed = readTbs(tbs, "accept", limits);
  if (!sameBytes(outer.raw, algorithmIdentifier(parsed.signatureAlgorithm)))
    outer.fail("Certificate: inner and outer signature algorithms differ (RFC 5280 4.1.1.2)");
  return { ...parsed, signature, der };
}
