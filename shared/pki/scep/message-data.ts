/** What the envelope holds beside a PKCS #10 request (RFC 8894 3.3.3, 3.3.4). */
import type { DerLimits } from "../der/reader.ts";
import { readDer } from "../der/reader.ts";
import { DerFields } from "../der/fields.ts";
import { type IssuerAndSerial, readIssuerAndSerial } from "../cms/identifier.ts";
import { type Name, parseName } from "../name.ts";

export interface IssuerAndSubject {
  readonly issuer: Name;
  readonly subject: Name;
}

/** Of a CertPoll. @throws Failure `malformed` */
export function parseIssuerAndSubject(der: Uint8Array, limits: DerLimits = {}): IssuerAndSubject {
  const fields = new DerFields(readDer(der, limits), "IssuerAndSubject");
  const issuer = parseName(fields.next("issuer"));
  const subject = parseName(fields.next("subject"));
  fields.end();
  return { issuer, subject };
}

/** Of GetCert and GetCRL. @throws Failure `malformed` */
export const parseIssuerAndSerial = (der: Uint8Array, limits: DerLimits = {}): IssuerAndSerial =>
  readIssuerAndSerial(readDer(der, limits));
