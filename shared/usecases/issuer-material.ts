/** What building and checking needs of an issuer, parsed from its certificate once. */
import type { Issuer } from "#shared/domain/issuer/issuer";
import { sha1, sha256 } from "#shared/crypto/hash";
import { fromBase64 } from "#shared/kernel/bytes";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { keyIdentifier } from "#shared/pki/key";
import { parseSignatureAlgorithmName, type SignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { revocationUrls, type RevocationUrls } from "#shared/pki/revocation-urls";

export interface IssuerMaterial extends RevocationUrls {
  readonly certificate: Certificate;
  readonly subjectDer: Uint8Array;
  readonly keyId: Uint8Array;
  readonly notAfterMs: number;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** How a CertID names it (RFC 6960 4.1.1), by hash algorithm. */
  readonly certIdHashes: Readonly<Record<string, { readonly name: Uint8Array; readonly key: Uint8Array }>>;
}

const maxCached = 1_000;
const cache = new Map<string, IssuerMaterial>();

/** Keyed by the certificate itself: an issuer's certificate never changes. */
export function issuerMaterial(id: string, issuer: Issuer): IssuerMaterial {
  const key = `${id}/${issuer.certificate}`;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const certificate = parseCertificate(fromBase64(issuer.certificate));
  const hashes = (digest: (bytes: Uint8Array) => Uint8Array) => ({
    name: digest(certificate.subjectDer),
    key: digest(certificate.key.keyBits),
  });
  const material: IssuerMaterial = {
    certificate,
    subjectDer: certificate.subjectDer,
    keyId: keyIdentifier(certificate.spki),
    notAfterMs: certificate.notAfterMs,
    signatureAlgorithm: parseSignatureAlgorithmName(issuer.signature_algorithm),
    certIdHashes: { sha1: hashes(sha1), sha256: hashes(sha256) },
    ...revocationUrls(issuer.revocation_base_url, id),
  };
  if (cache.size >= maxCached) cache.clear();
  cache.set(key, material);
  return material;
}
