/** The settings of a profile, as people read them. Every one of the contract: one that comes or goes is a type error here. */
import type { Operations } from "../../api/generated.ts";
import { durationText } from "../../parts/duration.tsx";

export type Profile = Operations["profiles.get"]["response"];
export type Spec = Profile["spec"];
export type KeyAlgorithm = Spec["allowed_key_algorithms"][number];
export type Usage = Spec["extended_key_usages"][number];

export const labels: Readonly<Record<keyof Required<Spec>, string>> = {
  issuer_id: "Issuing CA",
  default_validity_seconds: "Valid for, unless asked otherwise",
  max_validity_seconds: "Valid for at most",
  extended_key_usages: "Good for",
  allowed_key_algorithms: "Keys",
  min_rsa_bits: "RSA keys have at least (bits)",
  allowed_dns_suffixes: "DNS names in",
  allow_wildcards: "Wildcard names",
  allowed_ip_cidrs: "IP addresses in",
  allowed_email_domains: "E-mail addresses in",
  allowed_uri_prefixes: "URIs below",
  allowed_protocols: "Asked for by",
  conforms_to: "Keeps the rules of",
  certificate_policies: "Policies (OIDs)",
  include_ocsp: "Names its OCSP responder",
  include_crl: "Names its CRL",
};

export const settings = Object.keys(labels) as readonly (keyof Spec)[];

const classicalSet: Readonly<Record<Exclude<KeyAlgorithm, `${"ML-DSA" | "SLH-DSA"}${string}`>, true>> = {
  "P-256": true,
  "P-384": true,
  "P-521": true,
  RSA: true,
  "RSA-PSS": true,
  Ed25519: true,
};
const postQuantumSet: Readonly<Record<Exclude<KeyAlgorithm, keyof typeof classicalSet>, true>> = {
  "ML-DSA-44": true,
  "ML-DSA-65": true,
  "ML-DSA-87": true,
  "SLH-DSA-SHA2-128s": true,
  "SLH-DSA-SHA2-128f": true,
  "SLH-DSA-SHA2-192s": true,
  "SLH-DSA-SHA2-192f": true,
  "SLH-DSA-SHA2-256s": true,
  "SLH-DSA-SHA2-256f": true,
  "SLH-DSA-SHAKE-128s": true,
  "SLH-DSA-SHAKE-128f": true,
  "SLH-DSA-SHAKE-192s": true,
  "SLH-DSA-SHAKE-192f": true,
  "SLH-DSA-SHAKE-256s": true,
  "SLH-DSA-SHAKE-256f": true,
};
const usageSet: Readonly<Record<Usage, true>> = {
  serverAuth: true,
  clientAuth: true,
  codeSigning: true,
  emailProtection: true,
  timeStamping: true,
};
export const classical = Object.keys(classicalSet) as readonly KeyAlgorithm[];
export const postQuantum = Object.keys(postQuantumSet) as readonly KeyAlgorithm[];
export const usages = Object.keys(usageSet) as readonly Usage[];

/** What a new profile starts from where there is none to start from. */
export const blank: Spec = {
  default_validity_seconds: 30 * 86_400,
  max_validity_seconds: 90 * 86_400,
  extended_key_usages: ["serverAuth", "clientAuth"],
  allowed_key_algorithms: ["P-256", "P-384", "RSA", "Ed25519"],
  min_rsa_bits: 2048,
  allowed_dns_suffixes: [],
  allow_wildcards: true,
  allowed_ip_cidrs: [],
  allowed_email_domains: [],
  allowed_uri_prefixes: [],
  allowed_protocols: [],
  conforms_to: "pkix",
  certificate_policies: [],
  include_ocsp: true,
  include_crl: true,
};

const conformities: Readonly<Record<Spec["conforms_to"], string>> = {
  pkix: "RFC 5280 (pkix)",
  "cabf-tls": "CA/Browser Forum, TLS servers (cabf-tls)",
};
export const conformityChoices = Object.entries(conformities) as readonly (readonly [Spec["conforms_to"], string])[];

/** What an empty list means. */
const unlimited: Partial<Record<keyof Spec, string>> = {
  certificate_policies: "none",
  allowed_protocols: "any way",
};

const nameLists = [
  "allowed_dns_suffixes",
  "allowed_ip_cidrs",
  "allowed_email_domains",
  "allowed_uri_prefixes",
] as const satisfies readonly (keyof Spec)[];

/** One setting as words. A kind of name without a list is refused as soon as another kind has one. */
export function wordsFor(spec: Spec, setting: keyof Spec): string {
  const value = spec[setting];
  if (setting === "conforms_to") return conformities[spec.conforms_to];
  if (setting === "default_validity_seconds" || setting === "max_validity_seconds") return durationText(spec[setting]);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === undefined) return "the oldest active one";
  if (typeof value !== "object") return String(value);
  if (value.length > 0) return value.join(", ");
  const refused = nameLists.some((list) => list === setting) && nameLists.some((list) => spec[list].length > 0);
  return refused ? "refused" : (unlimited[setting] ?? "any");
}

export interface Difference {
  readonly setting: keyof Spec;
  readonly before: string;
  readonly after: string;
}

/** What a version changes, in the order in which settings are shown. */
export const differences = (before: Spec, after: Spec): readonly Difference[] =>
  settings.flatMap((setting) => {
    const [was, is] = [wordsFor(before, setting), wordsFor(after, setting)];
    return was === is ? [] : [{ setting, before: was, after: is }];
  });
