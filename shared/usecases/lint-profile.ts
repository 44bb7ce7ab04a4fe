/** The profile linter (behaviour §12.1): an author learns at once when no certificate under the profile could be signed. */
import type { ProfileSpec } from "#shared/contracts/api/profiles";
import { throwAwaySignature } from "#shared/crypto/throw-away-key";
import { isFailure } from "#shared/kernel/failure";
import { parseTbsCertificate } from "#shared/pki/certificate";
import { canonicalName, type SubjectName } from "#shared/pki/general-name";
import { describeSpki, type PublicKeyInfo } from "#shared/pki/key";
import { lintTbsCertificate } from "#shared/pki/lint/registry";
import type { Finding } from "#shared/pki/lint/rule";
import type { Deps } from "./deps.ts";
import { oldestIssuer } from "./issue-certificate.ts";
import { type IssuerMaterial, issuerMaterial } from "./issuer-material.ts";
import { leafTbs } from "./leaf-template.ts";
import { assertLintFree } from "./lint-before-signing.ts";
import { referenced } from "./load.ts";
import { newSerial } from "./serial-number.ts";

/** What an author would change for a rule to hold; others are about the whole. */
const fields: Readonly<Record<string, keyof ProfileSpec>> = {
  "extended-key-usage": "extended_key_usages",
  "extended-key-usage-unique": "extended_key_usages",
  "key-usage-for-purpose": "extended_key_usages",
  "tls-extended-key-usage": "extended_key_usages",
  "key-usage-for-key": "allowed_key_algorithms",
  "tls-key-algorithm": "allowed_key_algorithms",
  "tls-key-usage": "allowed_key_algorithms",
  "rsa-key-size": "min_rsa_bits",
  "validity-cap": "max_validity_seconds",
  "validity-within-issuer": "default_validity_seconds",
  "tls-validity": "default_validity_seconds",
  "certificate-policies": "certificate_policies",
  "tls-certificate-policies": "certificate_policies",
  "names-within-constraints": "allowed_dns_suffixes",
  "tls-dns-labels": "allowed_dns_suffixes",
  "tls-dns-names": "allowed_dns_suffixes",
  "tls-wildcards": "allow_wildcards",
  "tls-ip-addresses": "allowed_ip_cidrs",
  "tls-san-types": "conforms_to",
  "tls-subject": "conforms_to",
  "tls-signature-algorithm": "issuer_id",
  "authority-info-access": "include_ocsp",
  "tls-authority-info-access": "conforms_to",
  "crl-distribution-points": "include_crl",
  "tls-revocation-pointer": "include_crl",
};

const fieldOf = (rule: string): string => (fields[rule] === undefined ? "spec" : `spec.${fields[rule]}`);

/**
 * Builds a certificate for each key algorithm that the profile allows, of names that it allows, and lints it. Nothing is
 * signed but by a throw-away key. Where the tenant has no CA there is nothing to judge by.
 * @throws Failure `unprocessable` (the field of `spec` behind each rule) when none of them could be signed, with what is wrong with the first
 */
export async function assertIssuable(deps: Deps, tenant: string, spec: ProfileSpec): Promise<void> {
  const issuer =
    spec.issuer_id === undefined
      ? await oldestIssuer(deps, tenant)
      : await referenced(deps, tenant, "issuer", spec.issuer_id, "spec.issuer_id");
  if (issuer === undefined) return;
  const material = issuerMaterial(issuer.id, issuer.state);
  let first: readonly Finding[] | undefined;
  for (const algorithm of spec.allowed_key_algorithms) {
    const found = lintSample(deps.clock.now(), spec, material, await sampleKey(algorithm));
    if (found.length === 0) return;
    first ??= found;
  }
  if (first !== undefined) assertLintFree(first, { what: "every certificate under this profile", fieldOf });
}

function lintSample(now: number, spec: ProfileSpec, material: IssuerMaterial, key: PublicKeyInfo): Finding[] {
  const notBeforeMs = Math.floor(now / 1000) * 1000;
  const seconds = Math.min(spec.default_validity_seconds, spec.max_validity_seconds);
  const tbs = leafTbs({
    issuer: material,
    spec,
    subject: [],
    names: [sampleName(spec)],
    key,
    serial: newSerial(),
    notBeforeMs,
    notAfterMs: Math.min(notBeforeMs + seconds * 1000 - 1000, material.notAfterMs),
    shard: 0,
  });
  const parsed = { ...parseTbsCertificate(tbs), key };
  const context = { kind: "leaf", issuer: material.certificate, nowMs: now } as const;
  return lintTbsCertificate(parsed, context, { conformsTo: spec.conforms_to });
}

/** Of the newer algorithms the name is enough: no rule looks into such a key. */
async function sampleKey(algorithm: PublicKeyInfo["algorithm"]): Promise<PublicKeyInfo> {
  const signature = algorithm.startsWith("RSA") ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
  const { spki } = await throwAwaySignature(signature, new Uint8Array(0));
  return { ...describeSpki(spki), algorithm };
}

function sampleName(spec: ProfileSpec): SubjectName {
  const [dns, cidr, mail, uri] = [
    spec.allowed_dns_suffixes[0],
    spec.allowed_ip_cidrs[0],
    spec.allowed_email_domains[0],
    spec.allowed_uri_prefixes[0],
  ];
  const host = (domain: string): string => `host.${domain.replace(/^\.|\.$/g, "")}`;
  const candidates: readonly (readonly [SubjectName["type"], string | undefined])[] = [
    ["dns", dns && host(dns)],
    ["ip", cidr?.split("/")[0]],
    ["email", mail && `somebody@${mail}`],
    ["uri", uri && `${uri.replace(/\/$/, "")}/a`],
  ];
  for (const [type, text] of candidates) {
    const name = text === undefined ? undefined : canonicalOrNone(type, text);
    if (name !== undefined) return name;
  }
  return { type: "dns", value: "host.example.com" };
}

function canonicalOrNone(type: SubjectName["type"], text: string): SubjectName | undefined {
  try {
    return canonicalName(type, text);
  } catch (error) {
    if (isFailure(error, "invalid_field")) return undefined;
    throw error;
  }
}
