/** Extensions out of certificates, requests, CRLs and OCSP (RFC 5280 4.1.2.9), and the values that we understand. */
import { DerFields } from "./der/fields.ts";
import {
  type DerLimits,
  type DerNode,
  readBoolean,
  readDer,
  readNamedBits,
  readOctetString,
  readOid,
  readSmallInteger,
} from "./der/reader.ts";
import { keyUsageNames } from "./extensions.ts";
import { type GeneralName, parseConstraint, parseGeneralName } from "./general-name.ts";
import { oidName, oids } from "./oids.ts";

export interface ExtensionValue {
  readonly critical: boolean;
  /** Content of extnValue: the DER of the extension's own type. */
  readonly value: Uint8Array;
}

/** By dotted OID, in the order of the DER. */
export type Extensions = ReadonlyMap<string, ExtensionValue>;

/** DER leaves DEFAULT values out (X.690 11.5); many old encoders do not. `refuse` for what we sign ourselves. */
export type ExplicitDefaults = "refuse" | "accept";

/** @throws Failure `malformed`, also for an OID that comes twice (RFC 5280 4.2) */
export function parseExtensions(node: DerNode, defaults: ExplicitDefaults): Extensions {
  const members = node.expect(0x30, "Extensions").children();
  if (members.length === 0) node.fail("Extensions: empty");
  const out = new Map<string, ExtensionValue>();
  for (const member of members) {
    const fields = new DerFields(member, "Extension");
    const dotted = readOid(fields.next("extnID"));
    const flag = fields.optional(0x01);
    const critical = flag !== undefined && readBoolean(flag, "critical");
    if (flag !== undefined && !critical && defaults === "refuse")
      member.fail(`extension ${oidName(dotted)}: critical FALSE is encoded`);
    const value = readOctetString(fields.next("extnValue"), "extnValue");
    fields.end();
    if (out.has(dotted)) member.fail(`extension ${oidName(dotted)} comes twice`);
    out.set(dotted, { critical, value });
  }
  return out;
}

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLen?: number;
}

function basicConstraints(node: DerNode, defaults: ExplicitDefaults): BasicConstraints {
  const fields = new DerFields(node, "BasicConstraints");
  const flag = fields.optional(0x01);
  const ca = flag !== undefined && readBoolean(flag, "cA");
  if (flag !== undefined && !ca && defaults === "refuse") node.fail("BasicConstraints: cA FALSE is encoded");
  const length = fields.optional(0x02);
  fields.end();
  if (length === undefined) return { ca };
  if (!ca) node.fail("BasicConstraints: pathLenConstraint without cA");
  return { ca, pathLen: readSmallInteger(length, "pathLenConstraint", 255) };
}

function keyUsage(node: DerNode): string[] {
  const bits = readNamedBits(node, "keyUsage");
  if (bits.length === 0) node.fail("keyUsage: no bit is set");
  return bits.map((bit) => keyUsageNames[bit] ?? node.fail(`keyUsage: bit ${bit} is not defined`));
}

/** Members of a SEQUENCE that must not be empty. */
export function listOf(node: DerNode, what: string): DerNode[] {
  const members = node.expect(0x30, what).children();
  if (members.length === 0) node.fail(`${what}: empty`);
  return members;
}

export const parseGeneralNames = (node: DerNode): GeneralName[] => listOf(node, "GeneralNames").map(parseGeneralName);

function authorityKeyId(node: DerNode): Uint8Array | undefined {
  const fields = new DerFields(node, "AuthorityKeyIdentifier");
  const keyId = fields.optional(0x80);
  const issuer = fields.optional(0xa1);
  const serial = fields.optional(0x82);
  fields.end();
  if ((issuer === undefined) !== (serial === undefined))
    node.fail("AuthorityKeyIdentifier: issuer and serial come together");
  return keyId?.content;
}

const uriOf = (node: DerNode): string | undefined => {
  const name = parseGeneralName(node);
  return name.type === "uri" ? name.value : undefined;
};

const present = <T>(value: T | undefined): value is T => value !== undefined;

function infoAccess(node: DerNode): { method: string; url: string }[] {
  return listOf(node, "AuthorityInfoAccess").flatMap((member) => {
    const fields = new DerFields(member, "AccessDescription");
    const method = readOid(fields.next("accessMethod"));
    const url = uriOf(fields.next("accessLocation"));
    fields.end();
    return url === undefined ? [] : [{ method, url }];
  });
}

/** URLs of a DistributionPointName's fullName. @param node the element within its `[0]` */
export const fullNameUrls = (node: DerNode): string[] => {
  if (node.tag !== 0xa0) return [];
  return node.children().map(uriOf).filter(present);
};

const distributionPoints = (node: DerNode): string[] =>
  listOf(node, "CRLDistributionPoints").flatMap((member) => {
    const fields = new DerFields(member, "DistributionPoint");
    const name = fields.explicit(0xa0, "distributionPoint");
    fields.optional(0x81);
    fields.optional(0xa2);
    fields.end();
    return name === undefined ? [] : fullNameUrls(name);
  });

const subtrees = (node: DerNode | undefined): GeneralName[] =>
  (node?.children() ?? []).map((member) => {
    const fields = new DerFields(member, "GeneralSubtree");
    const base = fields.next("base");
    fields.end(); // RFC 5280 4.2.1.10: minimum is 0, which DER leaves out, and maximum is absent
    return parseConstraint(base);
  });

export interface ParsedNameConstraints {
  readonly permitted: GeneralName[];
  readonly excluded: GeneralName[];
}

function nameConstraints(node: DerNode): ParsedNameConstraints {
  const fields = new DerFields(node, "NameConstraints");
  const permitted = fields.optional(0xa0);
  const excluded = fields.optional(0xa1);
  fields.end();
  if (permitted === undefined && excluded === undefined) node.fail("NameConstraints: empty");
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
}

const policyIds = (node: DerNode): string[] =>
  listOf(node, "CertificatePolicies").map((member) => {
    const fields = new DerFields(member, "PolicyInformation");
    const id = readOid(fields.next("policyIdentifier"));
    fields.optional(0x30);
    fields.end();
    return id;
  });

/** What the known extensions say; absent when the extension is. */
export interface ExtensionFacts {
  readonly sans: GeneralName[];
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: string[];
  /** Names of `keyPurposeOids`, or dotted OIDs. */
  readonly extKeyUsage?: string[];
  readonly ski?: Uint8Array;
  readonly aki?: Uint8Array;
  readonly nameConstraints?: ParsedNameConstraints;
  /** Dotted OIDs. */
  readonly policies?: string[];
  readonly ocspUrls: string[];
  readonly caIssuersUrls: string[];
  readonly crlUrls: string[];
}

/** Reads the known extensions. @throws Failure `malformed` when one of them cannot be read */
export function extensionFacts(
  extensions: Extensions,
  defaults: ExplicitDefaults,
  limits: DerLimits = {},
): ExtensionFacts {
  const read = <T>(dotted: string, parse: (node: DerNode) => T): T | undefined => {
    const found = extensions.get(dotted);
    return found === undefined ? undefined : parse(readDer(found.value, limits));
  };
  const constraints = read(oids.basicConstraints, (node) => basicConstraints(node, defaults));
  const usage = read(oids.keyUsage, keyUsage);
  const purposes = read(oids.extKeyUsage, (node) =>
    listOf(node, "ExtKeyUsage").map((member) => oidName(readOid(member))),
  );
  const ski = read(oids.subjectKeyIdentifier, (node) => readOctetString(node, "subjectKeyIdentifier"));
  const aki = read(oids.authorityKeyIdentifier, authorityKeyId);
  const subtreesFound = read(oids.nameConstraints, nameConstraints);
  const policies = read(oids.certificatePolicies, policyIds);
  const access = read(oids.authorityInfoAccess, infoAccess) ?? [];
  const urls = (method: string) => access.filter((row) => row.method === method).map((row) => row.url);
  return {
    sans: read(oids.subjectAltName, parseGeneralNames) ?? [],
    ...(constraints && { basicConstraints: constraints }),
    ...(usage && { keyUsage: usage }),
    ...(purposes && { extKeyUsage: purposes }),
    ...(ski && { ski }),
    ...(aki && { aki }),
    ...(subtreesFound && { nameConstraints: subtreesFound }),
    ...(policies && { policies }),
    ocspUrls: urls(oids.ocsp),
    caIssuersUrls: urls(oids.caIssuers),
    crlUrls: read(oids.cRLDistributionPoints, distributionPoints) ?? [],
  };
}
