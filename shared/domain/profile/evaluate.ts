/** What a profile allows (behaviour §12): pure, and the first violation names the profile and its version. */
import { BlockList, isIP, isIPv6 } from "node:net";
import type { ProfileSpec } from "#shared/contracts/api/profiles";
import { Failure } from "#shared/kernel/failure";
import type { Profile } from "./profile.ts";

export interface RequestedCertificate {
  readonly protocol: string;
  readonly key: { readonly algorithm: string; readonly bits: number };
  /** Canonical: DNS lower case, IP as text. */
  readonly names: readonly { readonly type: "dns" | "ip" | "email" | "uri"; readonly value: string }[];
  readonly validitySeconds: number | undefined;
}

export interface Granted {
  readonly validitySeconds: number;
  readonly extendedKeyUsages: ProfileSpec["extended_key_usages"];
}

/** @throws Failure `unprocessable` with the field of the request that the profile does not allow */
export function evaluateProfile(profile: Profile, request: RequestedCertificate): Granted {
  const { spec } = profile;
  const refuse = refusing(profile);
  assertProtocol(profile, request.protocol);
  const { algorithm, bits } = request.key;
  if (!spec.allowed_key_algorithms.some((allowed) => allowed === algorithm)) {
    refuse("csr", `the key is ${algorithm}; allowed are ${spec.allowed_key_algorithms.join(", ")}`);
  }
  if ((algorithm === "RSA" || algorithm === "RSA-PSS") && bits < spec.min_rsa_bits)
    refuse("csr", `the RSA key has ${bits} bits; at least ${spec.min_rsa_bits} are wanted`);
  if (request.names.length === 0) refuse("csr", "the request names nothing; add a subjectAltName");
  assertNames(profile, request.names);
  const wanted = request.validitySeconds;
  if (wanted !== undefined && wanted > spec.max_validity_seconds) {
    refuse("validity_seconds", `${wanted} s is longer than ${spec.max_validity_seconds} s`);
  }
  return {
    validitySeconds: wanted ?? Math.min(spec.default_validity_seconds, spec.max_validity_seconds),
    extendedKeyUsages: spec.extended_key_usages,
  };
}

/**
 * The part that can be told before there is a key: protocol and names.
 * @throws Failure `unprocessable`
 */
export function assertProfileNames(profile: Profile, protocol: string, names: RequestedCertificate["names"]): void {
  assertProtocol(profile, protocol);
  assertNames(profile, names);
}

const refusing =
  ({ name, version }: Profile) =>
  (field: string, detail: string): never => {
    throw new Failure("unprocessable", `profile ${name}@${version} refuses this: ${detail}`, { field });
  };

function assertProtocol(profile: Profile, wanted: string): void {
  const { allowed_protocols: allowed } = profile.spec;
  if (allowed.length > 0 && !allowed.some((protocol) => protocol === wanted))
    refusing(profile)("profile", `it does not serve ${wanted}, only ${allowed.join(", ")}`);
}

function assertNames(profile: Profile, names: RequestedCertificate["names"]): void {
  for (const name of names) {
    const problem = nameProblem(profile.spec, name);
    if (problem !== undefined) refusing(profile)("csr", problem);
  }
}

function nameProblem(spec: ProfileSpec, { type, value }: RequestedCertificate["names"][number]): string | undefined {
  if (type === "dns" && value.startsWith("*.") && !spec.allow_wildcards) return `${value} is a wildcard`;
  const lists = {
    dns: spec.allowed_dns_suffixes,
    ip: spec.allowed_ip_cidrs,
    email: spec.allowed_email_domains,
    uri: spec.allowed_uri_prefixes,
  };
  // One list set closes the other kinds of names: a profile for hosts must not hand out e-mail names by omission.
  if (Object.values(lists).every((list) => list.length === 0)) return undefined;
  const allowed = lists[type];
  if (allowed.length === 0) return `names of type ${type} are not allowed (${value})`;
  const matches = { dns: withinDomain, ip: withinCidr, email: withinMailDomain, uri: withinPrefix }[type];
  return allowed.some((rule) => matches(value, rule)) ? undefined : `${value} is outside ${allowed.join(", ")}`;
}

const bare = (domain: string): string => domain.toLowerCase().replace(/^\./, "").replace(/\.$/, "");

/** On label boundaries: `example.com` covers itself and what is below, never `badexample.com`. */
function withinDomain(name: string, suffix: string): boolean {
  const host = bare(name).replace(/^\*\./, "");
  const domain = bare(suffix);
  return host === domain || host.endsWith(`.${domain}`);
}

function withinMailDomain(address: string, domain: string): boolean {
  return withinDomain(address.slice(address.lastIndexOf("@") + 1), domain);
}

function withinCidr(address: string, cidr: string): boolean {
  const list = new BlockList();
  const [network = "", prefix = ""] = cidr.split("/");
  // A BlockList also finds IPv4 addresses in IPv6 networks, as mapped ones; a rule is for its own family.
  if (isIP(network) !== isIP(address)) return false;
  list.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** RFC 3986 3.3: `.` and `..` as path segments, also percent-encoded; who resolves them is elsewhere in the hierarchy. */
const dotSegment = /\/(\.|%2e){1,2}(?=[/?#]|$)/i;

/** A prefix ends at a boundary of the URI: `spiffe://a` covers `spiffe://a/b`, never `spiffe://abc` or `spiffe://a/../b`. */
function withinPrefix(uri: string, prefix: string): boolean {
  if (!uri.startsWith(prefix) || dotSegment.test(uri)) return false;
  return uri.length === prefix.length || prefix.endsWith("/") || /^[/?#]/.test(uri.slice(prefix.length));
}

/**
 * What the schema cannot say about a spec.
 * @param served enrolment protocols of this host
 * @throws Failure `invalid_field`
 */
export function assertProfileSpec(spec: ProfileSpec, served: readonly string[]): void {
  spec.allowed_protocols.forEach((protocol, at) => {
    if (protocol !== "api" && !served.includes(protocol))
      throw new Failure(
        "invalid_field",
        `${protocol} is no protocol of this host; it has ${["api", ...served].join(", ")}`,
        { field: `spec.allowed_protocols.${at}` },
      );
  });
  spec.allowed_ip_cidrs.forEach((cidr, at) => {
    const [network = "", prefix = "", rest] = cidr.split("/");
    const family = isIP(network);
    const bits = Number(prefix);
    if (family === 0 || rest !== undefined || !/^\d{1,3}$/.test(prefix) || bits > (family === 4 ? 32 : 128)) {
      throw new Failure("invalid_field", `${cidr} is not a CIDR such as 10.0.0.0/8`, {
        field: `spec.allowed_ip_cidrs.${at}`,
      });
    }
  });
  spec.allowed_uri_prefixes.forEach((prefix, at) => {
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(prefix)) {
      throw new Failure(
        "invalid_field",
        `${prefix} must have a scheme and an authority, such as spiffe://example.org/`,
        { field: `spec.allowed_uri_prefixes.${at}` },
      );
    }
  });
  if (spec.default_validity_seconds > spec.max_validity_seconds) {
    throw new Failure("invalid_field", "default_validity_seconds is longer than max_validity_seconds", {
      field: "spec.default_validity_seconds",
    });
  }
}
