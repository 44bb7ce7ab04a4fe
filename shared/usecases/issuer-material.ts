/** What building and checking needs of an issuer, parsed from its certificate once. */
import type { Issuer } from "#shared/domain/issuer/issuer";
import { fromBase64 } from "#shared/kernel/bytes";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { keyIdentifier } from "#shared/pki/key";
import type { SignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { revocationUrls, type RevocationUrls } from "./revocation-urls.ts";

export interface IssuerMaterial extends RevocationUrls {
  readonly certificate: Certificate;
  readonly subjectDer: Uint8Array;
  readonly keyId: Uint8Array;
  readonly notAfterMs: number;
  readonly signatureAlgorithm: SignatureAlgorithm;
}

const maxCached = 1_000;
const cache = new Map<string, IssuerMaterial>();

/** Keyed by the certificate itself: an issuer's certificate never changes. */
export function issuerMaterial(id: string, issuer: Issuer): IssuerMaterial {
  const found = cache.get(issuer.certificate);
  if (found !== undefined) return found;
  const certificate = parseCertificate(fromBase64(issuer.certificate));
  const material: IssuerMaterial = {
    certificate,
    subjectDer: certificate.subjectDer,
    keyId: keyIdentifier(certificate.spki),
    notAfterMs: certificate.notAfterMs,
    signatureAlgorithm: issuer.signature_algorithm as SignatureAlgorithm,
    ...revocationUrls(issuer.revocation_base_url, id),
  };
  if (cache.size >= maxCached) cache.clear();
  cache.set(issuer.certificate, material);
  return material;
}
