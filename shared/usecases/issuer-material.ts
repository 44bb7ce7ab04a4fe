/** What building and checking needs of an issuer, parsed from its certificate once. */
import type { Issuer } from "#shared/domain/issuer/issuer";
import { fromBase64 } from "#shared/kernel/bytes";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { keyIdentifier } from "#shared/pki/key";
import { parseSignatureAlgorithmName, type SignatureAlgorithm } from "#shared/pki/signature-algorithm";
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
  const key = `${id}/${issuer.certificate}`;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const certificate = parseCertificate(fromBase64(issuer.certificate));
  const material: IssuerMaterial = {
    certificate,
    subjectDer: certificate.subjectDer,
    keyId: keyIdentifier(certificate.spki),
    notAfterMs: certificate.notAfterMs,
    signatureAlgorithm: parseSignatureAlgorithmName(issuer.signature_algorithm),
    ...revocationUrls(issuer.revocation_base_url, id),
  };
  if (cache.size >= maxCached) cache.clear();
  cache.set(key, material);
  return material;
}
