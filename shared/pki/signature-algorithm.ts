/**
 * Signature algorithm names and their AlgorithmIdentifier: one exact encoding each (RFC 4055 5, RFC 5758 3.2, RFC 8410 3,
 * RFC 9881 2, RFC 9909 3). RSASSA-PSS: `rsassa-pss.ts`.
 */
import type { SignatureAlgorithm } from "#shared/crypto/signature";
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { type PostQuantum, postQuantum } from "#shared/kernel/key-algorithm";
import type { DerNode } from "./der/reader.ts";
import { readOid } from "./der/reader.ts";
import { null_, oid, sequence } from "./der/writer.ts";
import { oids } from "./oids.ts";
import { pssIdentifiers, pssNamed } from "./rsassa-pss.ts";

export type { SignatureAlgorithm } from "#shared/crypto/signature";

const bare = (name: keyof typeof oids): Uint8Array => sequence(oid(oids[name]));
const withNull = (name: keyof typeof oids): Uint8Array => sequence(oid(oids[name]), null_());

const identifiers: Readonly<Record<SignatureAlgorithm, Uint8Array>> = {
  "ecdsa-with-SHA256": bare("ecdsa-with-SHA256"),
  "ecdsa-with-SHA384": bare("ecdsa-with-SHA384"),
  "ecdsa-with-SHA512": bare("ecdsa-with-SHA512"),
  sha256WithRSAEncryption: withNull("sha256WithRSAEncryption"),
  sha384WithRSAEncryption: withNull("sha384WithRSAEncryption"),
  sha512WithRSAEncryption: withNull("sha512WithRSAEncryption"),
  ...pssIdentifiers,
  Ed25519: bare("Ed25519"),
  // Parameters must be absent.
  ...(Object.fromEntries(postQuantum.map((name) => [name, bare(name)])) as Record<PostQuantum, Uint8Array>),
};

const byEncoding = new Map(Object.entries(identifiers).map(([name, der]) => [hex(der), name as SignatureAlgorithm]));

/** AlgorithmIdentifier, DER. Shared: do not write into it. */
export function algorithmIdentifier(name: SignatureAlgorithm): Uint8Array {
  const der = identifiers[name] as Uint8Array | undefined;
  if (der === undefined) throw new TypeError(`algorithmIdentifier: no signature algorithm is named ${String(name)}`);
  return der;
}

/** The algorithm of this name. @throws Failure `malformed` when there is none */
export function parseSignatureAlgorithmName(name: string): SignatureAlgorithm {
  if (Object.hasOwn(identifiers, name)) return name as SignatureAlgorithm;
  throw new Failure("malformed", `no signature algorithm is named ${name}`);
}

/** Only as we would write it. @throws Failure `malformed` naming the OID when it or its parameters are not in the table */
export function parseSignatureAlgorithm(node: DerNode): SignatureAlgorithm {
  const known = byEncoding.get(hex(node.raw));
  if (known !== undefined) return known;
  const members = node.expect(0x30, "signature algorithm").children();
  if (members[0] === undefined) node.fail("signature algorithm: no OBJECT IDENTIFIER");
  return node.fail(`signature algorithm ${readOid(members[0])} with these parameters is not supported`);
}

/** Of a request: RSASSA-PSS also in the other encodings that RFC 4055 2.1 has everybody accept. @throws Failure `malformed` */
export function parseRequestSignatureAlgorithm(node: DerNode): SignatureAlgorithm {
  const [algorithm, parameters, ...rest] = node.expect(0x30, "signature algorithm").children();
  const isPss = algorithm?.tag === 0x06 && readOid(algorithm) === oids["id-RSASSA-PSS"];
  return isPss && parameters !== undefined && rest.length === 0 ? pssNamed(parameters) : parseSignatureAlgorithm(node);
}
