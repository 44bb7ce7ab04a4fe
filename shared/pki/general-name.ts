/** GeneralName (RFC 5280 4.2.1.6). */
import { Failure } from "#shared/kernel/failure";
import { type DerNode, readText } from "./der/reader.ts";
import { ia5String, implicit } from "./der/writer.ts";
import { dnsNameProblem, emailProblem, uriProblem } from "./identifier.ts";
import { cidrBytes, cidrText, ipBytes, ipText } from "./ip.ts";

export const subjectNameTypes = ["dns", "ip", "email", "uri"] as const;
export type SubjectNameType = (typeof subjectNameTypes)[number];

export interface SubjectName {
  readonly type: SubjectNameType;
  /** Canonical: DNS and the domain of an email lower case, IP as text (RFC 5952 for IPv6). */
  readonly value: string;
}

/** `other` only comes out of parsing: kinds that we do not issue. `tag` is the context number. */
export type GeneralName = SubjectName | { readonly type: "other"; readonly tag: number };

const otherKinds: Readonly<Record<number, string>> = {
  0: "otherName",
  3: "x400Address",
  4: "directoryName",
  5: "ediPartyName",
  8: "registeredID",
};

/** `dns:example.com`, or the RFC's name of an unsupported kind. */
export const generalNameText = (name: GeneralName): string =>
  name.type === "other" ? (otherKinds[name.tag] ?? `[${name.tag}]`) : `${name.type}:${name.value}`;

const canonicalEmail = (text: string): string => {
  const at = text.lastIndexOf("@");
  return text.slice(0, at + 1) + text.slice(at + 1).toLowerCase();
};

const contextTag = { email: 1, dns: 2, uri: 6, ip: 7 } as const satisfies Record<SubjectNameType, number>;

/**
 * The canonical form of a name that we would issue.
 * @throws Failure `invalid_field` with the reason
 */
export function canonicalName(type: SubjectNameType, text: string, field?: string): SubjectName {
  const refuse = (problem: string): never => {
    throw new Failure(
      "invalid_field",
      `${type} name ${JSON.stringify(text.slice(0, 300))} ${problem}`,
      field === undefined ? {} : { field },
    );
  };
  if (type === "ip") {
    const bytes = ipBytes(text);
    return bytes === undefined ? refuse("is not an IP address") : { type, value: ipText(bytes) };
  }
  if (!/^[\x00-\x7f]*$/.test(text)) refuse("is not ASCII; use the A-label or percent-encoded form");
  const value = type === "dns" ? text.toLowerCase() : type === "email" ? canonicalEmail(text) : text;
  const problem = type === "dns" ? dnsNameProblem(value) : type === "email" ? emailProblem(value) : uriProblem(value);
  return problem === undefined ? { type, value } : refuse(problem);
}

/** @throws Failure `invalid_field`; TypeError for `other` */
export function generalNameDer(name: GeneralName): Uint8Array {
  if (name.type === "other") throw new TypeError("generalNameDer: this kind of name is not issued");
  const { type, value } = canonicalName(name.type, name.value);
  if (type === "ip") return implicit(contextTag.ip, ipBytes(value) as Uint8Array);
  return ia5String(value, 0x80 | contextTag[type]);
}

/**
 * Reads what is there: characters are checked, the syntax of names is left to `canonicalName` and the lints.
 * @throws Failure `malformed`
 */
export function parseGeneralName(node: DerNode): GeneralName {
  switch (node.tag) {
    case 0x81:
      return { type: "email", value: canonicalEmail(visible(node, "rfc822Name")) };
    case 0x82:
      return { type: "dns", value: visible(node, "dNSName").toLowerCase() };
    case 0x86:
      return { type: "uri", value: visible(node, "uniformResourceIdentifier") };
    case 0x87:
      if (node.length !== 4 && node.length !== 16) node.fail(`iPAddress of ${node.length} octets`);
      return { type: "ip", value: ipText(node.content) };
    case 0xa0:
    case 0xa3:
    case 0xa4:
    case 0xa5:
    case 0x88:
      return { type: "other", tag: node.tag & 0x1f };
    default:
      return node.fail("GeneralName: unknown kind");
  }
}

function visible(node: DerNode, what: string): string {
  const text = readText(node, what, 0x16);
  if (!/^[!-~]+$/.test(text)) node.fail(`${what}: empty, or has blanks or control characters`);
  return text;
}

/** Base of a name-constraint subtree (RFC 5280 4.2.1.10): ip as CIDR, dns and email possibly with a leading dot. */
export function constraintDer(name: GeneralName): Uint8Array {
  if (name.type === "other") throw new TypeError("constraintDer: this kind of name is not constrained");
  if (name.type !== "ip") return ia5String(name.value.toLowerCase(), 0x80 | contextTag[name.type]);
  const bytes = cidrBytes(name.value);
  if (bytes === undefined) throw new Failure("invalid_field", `${name.value} is not a CIDR range without host bits`);
  return implicit(contextTag.ip, bytes);
}

/** Reverse of `constraintDer`. An empty dns or email base is legal: it matches every name. */
export function parseConstraint(node: DerNode): GeneralName {
  if (node.tag === 0x87) {
    const value = cidrText(node.content);
    return value === undefined ? node.fail("name constraint: not an address and mask") : { type: "ip", value };
  }
  if (node.length === 0 && (node.tag === 0x81 || node.tag === 0x82))
    return { type: node.tag === 0x81 ? "email" : "dns", value: "" };
  const name = parseGeneralName(node);
  return name.type === "other" ? name : { type: name.type, value: name.value.toLowerCase() };
}
