/** CertTemplate (RFC 4211 5). The module has IMPLICIT tags: the content stays, the identifier octet changes. */
import { hex } from "#shared/kernel/bytes";
import { DerFields } from "../der/fields.ts";
import { type DerNode, readDer, readMagnitude, readSmallInteger, readTime } from "../der/reader.ts";
import { type Extensions, parseExtensions } from "../extension-values.ts";
import { type Name, parseName } from "../name.ts";

/** Absent members were not in the template. */
export interface CertTemplate {
  readonly version?: number;
  readonly serialHex?: string;
  /** Name, DER. */
  readonly issuer?: Uint8Array;
  readonly subject?: { readonly name: Name; readonly der: Uint8Array };
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  /** SubjectPublicKeyInfo, unread: whether its algorithm is served is another question than what it says. */
  readonly spki?: DerNode;
  readonly extensions?: Extensions;
  /** Members that a requester must leave out (RFC 4211 5), and that are there. */
  readonly forbidden: readonly string[];
}

/** The element as if its tag were universal. */
export function retagged(node: DerNode, tag: number, field?: string): DerNode {
  const copy = node.raw.slice();
  copy[0] = tag;
  return readDer(copy, { maxBytes: 262_144, maxDepth: 24, maxElements: 16_384, field });
}

/** A Name is a CHOICE: its tag is explicit in any module (X.680 31.2.7). */
function nameWithin(node: DerNode, what: string): { name: Name; der: Uint8Array } {
  const [inner, ...rest] = node.children();
  if (inner === undefined || rest.length > 0) return node.fail(`CertTemplate.${what}: expected one Name`);
  return { name: parseName(inner), der: inner.raw };
}

function validity(node: DerNode | undefined): Pick<CertTemplate, "notBeforeMs" | "notAfterMs"> {
  if (node === undefined) return {};
  const fields = new DerFields(node, "OptionalValidity", 0xa4);
  const notBefore = fields.explicit(0xa0, "notBefore");
  const notAfter = fields.explicit(0xa1, "notAfter");
  fields.end();
  return {
    ...(notBefore && { notBeforeMs: readTime(notBefore, "notBefore") }),
    ...(notAfter && { notAfterMs: readTime(notAfter, "notAfter") }),
  };
}

function serialOf(node: DerNode): string {
  const element = retagged(node, 0x02);
  if (element.length > 64) element.fail(`serialNumber of ${element.length} octets`);
  return hex(readMagnitude(element, "serialNumber"));
}

/** @throws Failure `malformed` */
export function parseCertTemplate(node: DerNode): CertTemplate {
  const fields = new DerFields(node, "CertTemplate");
  const version = fields.optional(0x80);
  const serial = fields.optional(0x81);
  const signingAlg = fields.optional(0xa2);
  const issuer = fields.optional(0xa3);
  const period = validity(fields.optional(0xa4));
  const subject = fields.optional(0xa5);
  const key = fields.optional(0xa6);
  const issuerUid = fields.optional(0x87);
  const subjectUid = fields.optional(0x88);
  const extensions = fields.optional(0xa9);
  fields.end();
  const forbidden = { signingAlg, issuerUID: issuerUid, subjectUID: subjectUid };
  return {
    ...(version && { version: readSmallInteger(version, "version", 255, 0x80) }),
    ...(serial && { serialHex: serialOf(serial) }),
    ...(issuer && { issuer: nameWithin(issuer, "issuer").der }),
    ...(subject && { subject: nameWithin(subject, "subject") }),
    ...period,
    ...(key && { spki: retagged(key, 0x30) }),
    ...(extensions && extensions.length > 0 && { extensions: parseExtensions(retagged(extensions, 0x30), "accept") }),
    forbidden: Object.entries(forbidden).flatMap(([name, found]) => (found === undefined ? [] : [name])),
  };
}
