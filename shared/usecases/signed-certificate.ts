/** From signed bytes to what an event says of them; also when the bytes come back from the signer's journal. */
import { sha256Hex } from "#shared/crypto/hash";
import type { SignedCertificate } from "#shared/domain/certificate/certificate";
import { base64 } from "#shared/kernel/bytes";
import { assembleSigned, parseTbsCertificate, type TbsCertificate } from "#shared/pki/certificate";
import { generalNameText } from "#shared/pki/general-name";
import { keyAlgorithmName } from "#shared/pki/key";
import { nameText } from "#shared/pki/name";
import { shardOfUrl } from "#shared/pki/revocation-urls";
import type { Signed } from "#shared/ports/signer";

export interface SignedLeaf {
  readonly der: Uint8Array;
  readonly facts: SignedCertificate;
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/**
 * @param shard for a certificate that names no CRL; else the one that stands in it counts, also when it was signed earlier
 * @param parsed of `signed.tbs`, where it is at hand
 */
export function signedCertificate(
  issuer: string,
  shard: number,
  signed: Signed,
  parsed: TbsCertificate = parseTbsCertificate(signed.tbs),
): SignedLeaf {
  const der = assembleSigned(signed.tbs, parsed.signatureAlgorithm, signed.signature);
  return {
    der,
    facts: {
      issuer,
      serial: parsed.serialHex,
      subject: nameText(parsed.subject),
      sans: parsed.sans.map(generalNameText),
      key_algorithm: keyAlgorithmName(parsed.key),
      fingerprint: sha256Hex(der),
      not_before: isoTime(parsed.notBeforeMs),
      not_after: isoTime(parsed.notAfterMs),
      shard: shardOfUrl(parsed.crlUrls[0]) ?? shard,
      tbs_sha256: sha256Hex(signed.tbs),
      der: base64(der),
    },
  };
}
