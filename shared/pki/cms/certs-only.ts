/** CMS without content and without signers: a bag of certificates (RFC 5652 5.1; "certs-only" in RFC 5272 4.1, RFC 8551 3.8). */
import { explicit, implicitConstructed, integer, oid, sequence, set } from "../der/writer.ts";
import { oids } from "../oids.ts";

/**
 * @param certificates DER, in the order in which they shall stand: RFC 5652 gives the set no meaning by order, clients
 * take the first for theirs all the same
 * @param crls DER
 * @returns ContentInfo, DER but for that order (RFC 5652 asks for BER)
 */
export function certsOnly(certificates: readonly Uint8Array[], crls: readonly Uint8Array[] = []): Uint8Array {
  const signedData = sequence(
    integer(1), // id-data, no attribute certificates, no signers (5.1)
    set(),
    sequence(oid(oids.data)),
    ...(certificates.length > 0 ? [implicitConstructed(0, ...certificates)] : []),
    ...(crls.length > 0 ? [implicitConstructed(1, ...crls)] : []),
    set(),
  );
  return sequence(oid(oids.signedData), explicit(0, signedData));
}
