/** The public names of an issuer's status services (DESIGN §5). Burnt into certificates: these shapes never change. */
export interface RevocationUrls {
  readonly ocspUrl: string;
  readonly caIssuersUrl: string;
  readonly crlUrl: (shard: number) => string;
}

export const revocationUrls = (baseUrl: string, issuer: string): RevocationUrls => ({
  ocspUrl: `${baseUrl}/ocsp/${issuer}`,
  caIssuersUrl: `${baseUrl}/ca/${issuer}.cer`,
  crlUrl: (shard) => `${baseUrl}/crl/${issuer}/${shard}.crl`,
});
