/**
 * The public names of an issuer's status services (DESIGN §5). Burnt into certificates: these shapes never change. Host and
 * signer make them by the same rule, so the signer knows without being told which URLs are an issuer's own.
 */
import { sha256 } from "#shared/crypto/hash";
import { base32Label } from "#shared/kernel/ids";

export interface RevocationUrls {
  readonly ocspUrl: string;
  readonly caIssuersUrl: string;
  readonly crlUrl: (shard: number) => string;
  /** Named by the Freshest CRL extension of the complete CRL (RFC 5280 5.2.6). */
  readonly deltaCrlUrl: (shard: number) => string;
}

/** CRL shards of one issuer: 0 to 4095. The signer remembers every entry of each. */
export const maxShards = 4096;

/** The public id of an issuer, from its SubjectPublicKeyInfo: says nothing, and is the same however often it is made. */
export const issuerIdOf = (spki: Uint8Array): string => base32Label(sha256(spki)).slice(0, 20);

export const revocationUrls = (baseUrl: string, issuer: string): RevocationUrls => ({
  ocspUrl: `${baseUrl}/ocsp/${issuer}`,
  caIssuersUrl: `${baseUrl}/ca/${issuer}.cer`,
  crlUrl: (shard) => `${baseUrl}/crl/${issuer}/${shard}.crl`,
  deltaCrlUrl: (shard) => `${baseUrl}/crl/${issuer}/${shard}-delta.crl`,
});

/** Which shard's complete CRL a URL names, whatever stands before `/crl/`; undefined when it names none. */
export function shardOfUrl(url: string | undefined): number | undefined {
  const [, digits] = /\/crl\/[a-z2-7]{20}\/(0|[1-9]\d{0,3})\.crl$/.exec(url ?? "") ?? [];
  const shard = Number(digits);
  return digits === undefined || shard >= maxShards ? undefined : shard;
}
