/** Encoders, one for each extension that we issue; each returns a whole Extension (RFC 5280 4.1). */
import {
  boolean,
  enumerated,
  explicit,
  ia5String,
  implicit,
  implicitConstructed,
  integer,
  namedBits,
  null_,
  octetString,
  oid,
  sequence,
  sequenceOf,
} from "./der/writer.ts";
import { constraintDer, type GeneralName, generalNameDer } from "./general-name.ts";
import { type keyPurposeOids, oidOf, oids } from "./oids.ts";
import { type ReasonName, reasonCodes } from "./reason.ts";

/** Bit numbers (RFC 5280 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

export type KeyUsageName = keyof typeof keyUsageBits;
export const keyUsageNames = Object.keys(keyUsageBits) as KeyUsageName[];
export type KeyPurposeName = keyof typeof keyPurposeOids;

/** @param value DER of the extension's own type */
export const extension = (dotted: string, critical: boolean, value: Uint8Array): Uint8Array =>
  critical ? sequence(oid(dotted), boolean(true), octetString(value)) : sequence(oid(dotted), octetString(value));

/** Critical (4.2.1.9). */
export function basicConstraints(ca: boolean, pathLen?: number): Uint8Array {
  if (!ca && pathLen !== undefined) throw new TypeError("basicConstraints: pathLen needs ca");
  const members = ca ? [boolean(true), ...(pathLen === undefined ? [] : [integer(pathLen)])] : [];
  return extension(oids.basicConstraints, true, sequenceOf(members));
}

/** Critical (4.2.1.3). */
export function keyUsage(bits: readonly KeyUsageName[]): Uint8Array {
  if (bits.length === 0) throw new TypeError("keyUsage: at least one bit");
  const numbers = bits.map((bit) => {
    if (!Object.hasOwn(keyUsageBits, bit)) throw new TypeError(`keyUsage: no bit is named ${bit}`);
    return keyUsageBits[bit];
  });
  return extension(oids.keyUsage, true, namedBits(numbers));
}

/** @param purposes names such as `serverAuth`, or dotted OIDs */
export function extKeyUsage(purposes: readonly (KeyPurposeName | (string & {}))[], critical = false): Uint8Array {
  if (purposes.length === 0) throw new TypeError("extKeyUsage: at least one purpose");
  return extension(oids.extKeyUsage, critical, sequenceOf(purposes.map((purpose) => oid(oidOf(purpose)))));
}

export const subjectKeyIdentifier = (keyId: Uint8Array): Uint8Array =>
  extension(oids.subjectKeyIdentifier, false, octetString(keyId));

export const authorityKeyIdentifier = (keyId: Uint8Array): Uint8Array =>
  extension(oids.authorityKeyIdentifier, false, sequence(implicit(0, keyId)));

/** @param critical true when the subject is empty (4.2.1.6) @throws Failure `invalid_field` */
export function subjectAltName(names: readonly GeneralName[], critical = false): Uint8Array {
  if (names.length === 0) throw new TypeError("subjectAltName: at least one name");
  return extension(oids.subjectAltName, critical, sequenceOf(names.map(generalNameDer)));
}

const uri = (url: string): Uint8Array => ia5String(url, 0x86);

export interface InfoAccess {
  readonly ocsp?: readonly string[];
  readonly caIssuers?: readonly string[];
}

export function authorityInfoAccess({ ocsp = [], caIssuers = [] }: InfoAccess): Uint8Array {
  if (ocsp.length + caIssuers.length === 0) throw new TypeError("authorityInfoAccess: at least one URL");
  const rows = [...ocsp.map((url) => [oids.ocsp, url]), ...caIssuers.map((url) => [oids.caIssuers, url])];
  const value = sequenceOf(rows.map(([method, url]) => sequence(oid(method as string), uri(url as string))));
  return extension(oids.authorityInfoAccess, false, value);
}

/** DistributionPointName with fullName. */
const fullName = (url: string): Uint8Array => explicit(0, implicitConstructed(0, uri(url)));

const distributionPoints = (urls: readonly string[]): Uint8Array =>
  sequenceOf(urls.map((url) => sequence(fullName(url))));

export function crlDistributionPoints(urls: readonly string[]): Uint8Array {
  if (urls.length === 0) throw new TypeError("crlDistributionPoints: at least one URL");
  return extension(oids.cRLDistributionPoints, false, distributionPoints(urls));
}

/** Not critical (5.2.6). */
export function freshestCrl(urls: readonly string[]): Uint8Array {
  if (urls.length === 0) throw new TypeError("freshestCrl: at least one URL");
  return extension(oids.freshestCRL, false, distributionPoints(urls));
}

export const certificatePolicies = (policies: readonly string[]): Uint8Array =>
  extension(oids.certificatePolicies, false, sequenceOf(policies.map((policy) => sequence(oid(policy)))));

/** RFC 6960 4.2.2.2.1. */
export const ocspNoCheck = (): Uint8Array => extension(oids.ocspNoCheck, false, null_());

/** Nobody tells its revocation: not critical (RFC 9608 2). */
export const noRevAvail = (): Uint8Array => extension(oids.noRevAvail, false, null_());

export interface NameConstraints {
  readonly permitted?: readonly GeneralName[];
  readonly excluded?: readonly GeneralName[];
}

const subtrees = (n: number, names: readonly GeneralName[]): Uint8Array[] =>
  names.length === 0 ? [] : [implicitConstructed(n, ...names.map((name) => sequence(constraintDer(name))))];

/** Critical (4.2.1.10). IP bases are CIDR. */
export function nameConstraints({ permitted = [], excluded = [] }: NameConstraints): Uint8Array {
  if (permitted.length + excluded.length === 0) throw new TypeError("nameConstraints: at least one subtree");
  return extension(oids.nameConstraints, true, sequence(...subtrees(0, permitted), ...subtrees(1, excluded)));
}

export const crlNumber = (number: number | bigint): Uint8Array => extension(oids.cRLNumber, false, integer(number));

/** Critical (5.2.4). */
export const deltaCrlIndicator = (base: number | bigint): Uint8Array =>
  extension(oids.deltaCRLIndicator, true, integer(base));

export interface IssuingDistributionPoint {
  readonly fullNameUrl?: string;
  readonly onlyContainsUserCerts?: boolean;
  readonly onlyContainsCACerts?: boolean;
}

const flag = (n: number, value: boolean | undefined): Uint8Array[] =>
  value === true ? [implicit(n, Uint8Array.of(0xff))] : [];

/** Critical (5.2.5). */
export function issuingDistributionPoint(point: IssuingDistributionPoint): Uint8Array {
  const name = point.fullNameUrl === undefined ? [] : [fullName(point.fullNameUrl)];
  const members = [...name, ...flag(1, point.onlyContainsUserCerts), ...flag(2, point.onlyContainsCACerts)];
  if (members.length === 0) throw new TypeError("issuingDistributionPoint: must not be empty");
  return extension(oids.issuingDistributionPoint, true, sequenceOf(members));
}

/** CRL entry (5.3.1); `unspecified` should be left out instead. */
export const reasonCode = (reason: ReasonName): Uint8Array =>
  extension(oids.reasonCode, false, enumerated(reasonCodes[reason]));
