/** The TBSCertificate of a leaf, from what the profile granted. Pure: serial and moment come from the caller. */
import type { ProfileSpec } from "#shared/contracts/api/profiles";
import { buildTbsCertificate } from "#shared/pki/certificate";
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  extKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from "#shared/pki/extensions";
import type { SubjectName } from "#shared/pki/general-name";
import { keyIdentifier, type PublicKeyInfo } from "#shared/pki/key";
import { type Name, nameDer } from "#shared/pki/name";
import type { IssuerMaterial } from "./issuer-material.ts";

/** Versions stored before a field was there lack it: it then adds nothing. */
type Content = Pick<ProfileSpec, "extended_key_usages" | "include_ocsp" | "include_crl"> &
  Partial<Pick<ProfileSpec, "certificate_policies" | "conforms_to">>;

export interface LeafTemplate {
  readonly issuer: IssuerMaterial;
  readonly spec: Content;
  readonly subject: Name;
  readonly names: readonly SubjectName[];
  readonly key: PublicKeyInfo;
  readonly serial: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly shard: number;
}

const notCa = basicConstraints(false);
const signingOnly = keyUsage(["digitalSignature"]);
const signingAndTransport = keyUsage(["digitalSignature", "keyEncipherment"]);
/** Purposes that key transport serves; the others are for signatures alone (RFC 5280 4.2.1.12). */
const transportPurposes: ReadonlySet<string> = new Set(["serverAuth", "emailProtection"]);

/** For old clients' key transport; CA/B BR 7.1.2.7.11 advises against both uses in one certificate. */
const transports = ({ extended_key_usages: purposes, conforms_to: conformsTo }: Content): boolean =>
  conformsTo !== "cabf-tls" && purposes.some((purpose) => transportPurposes.has(purpose));

export function leafTbs({
  issuer,
  spec,
  subject,
  names,
  key,
  serial,
  notBeforeMs,
  notAfterMs,
  shard,
}: LeafTemplate): Uint8Array {
  const policies = spec.certificate_policies ?? [];
  return buildTbsCertificate({
    serial,
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuerNameDer: issuer.subjectDer,
    subjectNameDer: nameDer(subject),
    notBeforeMs,
    notAfterMs,
    spki: key.spki,
    extensions: [
      authorityKeyIdentifier(issuer.keyId),
      subjectKeyIdentifier(keyIdentifier(key.spki)),
      key.algorithm === "RSA" && transports(spec) ? signingAndTransport : signingOnly,
      extKeyUsage(spec.extended_key_usages),
      subjectAltName(names, subject.length === 0), // critical when the subject is empty (RFC 5280 4.2.1.6)
      notCa,
      ...(policies.length > 0 ? [certificatePolicies(policies)] : []),
      ...(spec.include_ocsp ? [authorityInfoAccess({ ocsp: [issuer.ocspUrl], caIssuers: [issuer.caIssuersUrl] })] : []),
      ...(spec.include_crl ? [crlDistributionPoints([issuer.crlUrl(shard)])] : []),
    ],
  });
}
