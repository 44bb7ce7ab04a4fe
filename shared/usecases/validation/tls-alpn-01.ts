/** TLS with Application-Layer Protocol Negotiation Challenge (RFC 8737; IP addresses: RFC 8738 6). */
import { sha256 } from "#shared/crypto/hash";
import { verifySignature } from "#shared/crypto/signature";
import { concat, sameBytes } from "#shared/kernel/bytes";
import { Failure, isFailure } from "#shared/kernel/failure";
import { type Certificate, parseCertificate } from "#shared/pki/certificate";
import { ipBytes } from "#shared/pki/ip";
import { oids } from "#shared/pki/oids";
import type { Identifier, Method } from "./challenge.ts";
import { unproven, unreachedProblem } from "./unproven.ts";

const alpn = "acme-tls/1";
const timeoutMs = 10_000;

/** SNI cannot carry an address: its reverse-mapping name stands for it (RFC 8738 6, RFC 1034, RFC 3596 2.5). */
export function serverNameOf({ type, value }: Identifier): string {
  const octets = type === "ip" ? ipBytes(value) : undefined;
  if (octets === undefined) return value;
  if (octets.length === 4) return `${[...octets].toReversed().join(".")}.in-addr.arpa`;
  const nibbles = [...octets].flatMap((octet) => [octet >> 4, octet & 15]).map((nibble) => nibble.toString(16));
  return `${nibbles.toReversed().join(".")}.ip6.arpa`;
}

export const tlsAlpn01: Method = {
  proves: (_identifier, wildcard) => !wildcard,
  async validate({ egress, validation: { ports } }, { identifier, keyAuthorization }, privateNetworks) {
    const serverName = serverNameOf(identifier);
    const shaken = await egress.handshake({
      host: identifier.value,
      port: ports.tls,
      serverName,
      alpn,
      privateNetworks,
      timeoutMs,
    });
    if (!shaken.reached) return unreachedProblem(shaken);
    const where = `${identifier.value} port ${ports.tls} (${shaken.address})`;
    if (shaken.alpn !== alpn)
      return unproven("tls", `${where}: the server did not choose ${alpn} by ALPN (RFC 8737 3)`, true);
    const problem = await certificateProblem(shaken.certificate, identifier, keyAuthorization);
    if (problem !== undefined) return unproven("incorrectResponse", `${where}: the certificate ${problem}`, true);
    return { valid: true, evidence: `acmeIdentifier at ${where}` };
  },
};

/** DER of `Authorization ::= OCTET STRING (SIZE (32))`. */
const authorizationOf = (keyAuthorization: string): Uint8Array =>
  concat(Uint8Array.of(0x04, 32), sha256(keyAuthorization));

/** RFC 8737 3. @returns undefined when it proves control, else what is wrong with it */
async function certificateProblem(
  der: Uint8Array,
  identifier: Identifier,
  keyAuthorization: string,
): Promise<string | undefined> {
  let certificate: Certificate;
  try {
    certificate = parseCertificate(der);
  } catch (error) {
    if (error instanceof Failure) return `cannot be read: ${error.message}`;
    throw error;
  }
  const { sans, extensions } = certificate;
  const [name] = sans;
  if (sans.length !== 1 || name === undefined)
    return `has ${sans.length} names; it must have the one that is validated and no other`;
  if (name.type !== identifier.type || name.value.toLowerCase() !== identifier.value)
    return `is not for ${identifier.type}:${identifier.value}`;
  const extension = extensions.get(oids.acmeIdentifier);
  if (extension === undefined) return "has no acmeIdentifier extension";
  if (!extension.critical) return "has an acmeIdentifier extension that is not critical";
  if (!sameBytes(extension.value, authorizationOf(keyAuthorization)))
    return "has an acmeIdentifier that is not the SHA-256 of this key authorization";
  return (await isSelfSigned(certificate)) ? undefined : "is not self-signed";
}

async function isSelfSigned(certificate: Certificate): Promise<boolean> {
  if (!sameBytes(certificate.issuerDer, certificate.subjectDer)) return false;
  const { spki, tbs, signature, signatureAlgorithm: algorithm } = certificate;
  try {
    return await verifySignature({ algorithm, spki, data: tbs, signature });
  } catch (error) {
    if (isFailure(error, "malformed")) return false;
    throw error;
  }
}
