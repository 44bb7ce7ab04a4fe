/** Name constraints (RFC 5280 4.2.1.10): what they permit, and whether a name or a narrower constraint lies within. */
import { sameBytes } from "#shared/kernel/bytes";
import type { GeneralName, SubjectName } from "./general-name.ts";
import { cidrBytes, ipBytes } from "./ip.ts";

/** The base covers itself and what is below; an empty base covers all. A wildcard is where its star stands. */
const withinDomain = (host: string, base: string): boolean => {
  const name = host.replace(/^\*\./, "");
  return base === "" || name === base || name.endsWith(`.${base}`);
};

/** For e-mail and URI hosts a leading dot means what is below, without it that host alone. */
const withinHost = (host: string, base: string): boolean =>
  base.startsWith(".") ? host.endsWith(base) : base === "" || host === base;

const hostOfUri = (uri: string): string => /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]*)/i.exec(uri)?.[1] ?? "";

function withinRange(address: string, range: string): boolean {
  const [octets, bounds] = [ipBytes(address), cidrBytes(range)];
  if (octets === undefined || bounds?.length !== octets.length * 2) return false;
  const [base, mask] = [bounds.subarray(0, octets.length), bounds.subarray(octets.length)];
  return sameBytes(
    octets.map((octet, at) => octet & (mask[at] as number)),
    base,
  );
}

/** Names of kinds that are not issued are within nothing. */
export function withinConstraint(name: GeneralName, base: GeneralName): boolean {
  if (name.type === "other" || base.type !== name.type) return false;
  const value = name.value.toLowerCase();
  switch (name.type) {
    case "dns":
      return withinDomain(value, base.value);
    case "ip":
      return withinRange(value, base.value);
    case "uri":
      return withinHost(hostOfUri(value), base.value);
    case "email":
      return base.value.includes("@") ? value === base.value : withinHost(value.replace(/^.*@/, ""), base.value);
  }
}

/** The names that a CA may certify. Without DNS names it has no limit; with them it certifies no other kind but these addresses. */
export interface PermittedNames {
  /** And what is below them. */
  readonly permittedDns?: readonly string[] | undefined;
  /** Address ranges, CIDR without host bits. */
  readonly permittedIps?: readonly string[] | undefined;
}

/**
 * What says so in the CA's certificate. Permitted names of one kind leave the others free: addresses are excluded by name,
 * unless the key may certify some. Those the certificate leaves free and the key alone is held to: strongSwan reads no
 * certificate whose critical constraints name addresses (5.9.8, "unsupported critical extension").
 */
export function constraintsOf({ permittedDns = [], permittedIps = [] }: PermittedNames): {
  readonly permitted: readonly SubjectName[];
  readonly excluded: readonly SubjectName[];
} {
  if (permittedDns.length === 0) return { permitted: [], excluded: [] };
  return {
    permitted: permittedDns.map((value) => ({ type: "dns", value }) as const),
    excluded: permittedIps.length > 0 ? [] : ["0.0.0.0/0", "::/0"].map((value) => ({ type: "ip", value }) as const),
  };
}

/** True when every name of the inner limits is one of the outer ones. */
export function narrower(inner: PermittedNames, outer: PermittedNames): boolean {
  const { permittedDns: domains = [], permittedIps: ranges = [] } = outer;
  if (domains.length === 0) return true;
  const { permittedDns = [], permittedIps = [] } = inner;
  return (
    permittedDns.length > 0 &&
    permittedDns.every((name) => domains.some((base) => withinDomain(name, base))) &&
    permittedIps.every((range) => ranges.some((base) => rangeWithin(range, base)))
  );
}

/** Address and mask of the inner range against those of the outer one. */
function rangeWithin(inner: string, outer: string): boolean {
  const prefix = (range: string): number => Number(range.slice(range.lastIndexOf("/") + 1));
  return prefix(inner) >= prefix(outer) && withinRange(inner.slice(0, inner.lastIndexOf("/")), outer);
}
