/** Which addresses are reached (I11): an allow-list of public unicast, beside it what the operator lists. */
import type { GeneralName } from "#shared/pki/general-name";
import { ipBytes, ipText } from "#shared/pki/ip";
import { withinConstraint } from "#shared/pki/name-constraint";
import { isReservedAddress } from "#shared/pki/reserved-address";

const range = (value: string): GeneralName => ({ type: "ip", value });
const within = (address: string, ranges: readonly GeneralName[]): boolean =>
  ranges.some((base) => withinConstraint({ type: "ip", value: address }, base));

/** No list opens these: they answer whoever asks with credentials of the machine, or are no single host. */
const never = [
  "0.0.0.0/8",
  "169.254.0.0/16", // link-local; 169.254.169.254 and its kin: AWS, Azure, Google Cloud, ECS, EKS, DigitalOcean, Oracle
  "100.100.100.200/32", // Alibaba Cloud metadata
  "168.63.129.16/32", // Azure's host, a public address
  "192.0.0.192/32", // Oracle Cloud classic metadata
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "fe80::/10",
  "fec0::/10",
  "fd00:ec2::/32", // AWS metadata, DNS, time
  "fd20:ce::254/128", // Google Cloud metadata
  "ff00::/8",
].map(range);

/** RFC 4291 2.4: what IANA gives out as global unicast. */
const globalUnicast = [range("2000::/3")];

const isPublic = (address: string): boolean =>
  !isReservedAddress(address) && (!address.includes(":") || within(address, globalUnicast));

/** Where an IPv4 address stands in an IPv6 one that a gateway turns into it (RFC 6052, 8215, 3056, 4380, 4291 2.5.5.1). */
const carriers: readonly { readonly ranges: readonly GeneralName[]; readonly at: number; readonly inverted?: true }[] =
  [
    { ranges: ["64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96"].map(range), at: 12 },
    { ranges: [range("2002::/16")], at: 2 },
    { ranges: [range("2001::/32")], at: 12, inverted: true },
  ];

function carried(address: string, octets: Uint8Array): string | undefined {
  const carrier = carriers.find(({ ranges }) => within(address, ranges));
  // ::1 carries nothing.
  if (carrier === undefined || address === "::1") return undefined;
  const inner = octets.slice(carrier.at, carrier.at + 4);
  return ipText(carrier.inverted === true ? inner.map((octet) => octet ^ 0xff) : inner);
}

const mapped = [range("::ffff:0:0/96")];

/**
 * One text for each address; an IPv4-mapped one is the IPv4 address that the system connects to (RFC 4291 2.5.5.2).
 * @returns undefined when it is no address
 */
export function canonicalAddress(text: string): string | undefined {
  const octets = ipBytes(text);
  if (octets === undefined) return undefined;
  return ipText(within(ipText(octets), mapped) ? octets.slice(12) : octets);
}

export interface DestinationRules {
  /** The operator's list, CIDR. */
  readonly cidrs: readonly string[];
  /** The endpoint's opt-in. */
  readonly privateNetworks: boolean;
}

/** @param address canonical @returns undefined when it may be reached, else why not */
export function destinationProblem(address: string, { cidrs, privateNetworks }: DestinationRules): string | undefined {
  const octets = ipBytes(address);
  if (octets === undefined) throw new TypeError("destinationProblem: expected an address");
  const inner = carried(address, octets);
  const forms = inner === undefined ? [address] : [address, inner];
  if (forms.some((form) => within(form, never)))
    return `${address} is never reached: link-local, multicast or metadata`;
  const closed = forms.filter((form) => !isPublic(form));
  const listed = cidrs.map(range);
  if (closed.some((form) => !within(form, listed)))
    return `${address} is not public, and TRSTCTL_EGRESS_CIDRS does not list it`;
  if (closed.length > 0 && !privateNetworks)
    return `${address} is not public, and the endpoint has not opted in to private networks`;
  return undefined;
}
