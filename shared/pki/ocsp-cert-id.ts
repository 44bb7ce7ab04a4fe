/** CertID (RFC 6960 4.1.1). */
import { sha1, sha256 } from "#shared/crypto/hash";
import { DerFields } from "./der/fields.ts";
import { type DerNode, readBitString, readDer, readNull, readOctetString, readOid } from "./der/reader.ts";
import { integer, null_, octetString, oid, sequence } from "./der/writer.ts";
import { byOid, hashOids, oids } from "./oids.ts";
import { readSerial, serialBytes } from "./serial.ts";

export interface CertId {
  /** A name of `hashOids`, or the dotted OID. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialHex: string;
  /** As it came: the response must repeat it. */
  readonly der: Uint8Array;
}

const hashNames = byOid<keyof typeof hashOids>(hashOids);
const hashLengths: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** @throws Failure `malformed` */
export function parseCertId(node: DerNode): CertId {
  const fields = new DerFields(node, "CertID");
  const algorithm = new DerFields(fields.next("hashAlgorithm"), "hashAlgorithm");
  const dotted = readOid(algorithm.next("algorithm"));
  if (algorithm.peek !== -1) readNull(algorithm.next("parameters"), "hashAlgorithm.parameters");
  algorithm.end();
  const issuerNameHash = readOctetString(fields.next("issuerNameHash"), "issuerNameHash");
  const issuerKeyHash = readOctetString(fields.next("issuerKeyHash"), "issuerKeyHash");
  const serialHex = readSerial(fields.next("serialNumber"));
  fields.end();
  const hashAlgorithm = hashNames.get(dotted) ?? dotted;
  const expected = hashLengths[hashAlgorithm];
  if (expected !== undefined && (issuerNameHash.length !== expected || issuerKeyHash.length !== expected))
    node.fail(`CertID: hashes are not ${expected} octets of ${hashAlgorithm}`);
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialHex, der: node.raw };
}

const digests = { sha1, sha256 } as const;

/** @param issuerSpki SubjectPublicKeyInfo, DER; its BIT STRING content is hashed */
export function certIdFor(
  issuerNameDer: Uint8Array,
  issuerSpki: Uint8Array,
  serialHex: string,
  hashAlgorithm: keyof typeof digests,
): CertId {
  const digest = digests[hashAlgorithm];
  const spki = new DerFields(readDer(issuerSpki), "SubjectPublicKeyInfo");
  spki.next("algorithm");
  const issuerNameHash = digest(issuerNameDer);
  const issuerKeyHash = digest(readBitString(spki.next("subjectPublicKey"), "subjectPublicKey"));
  const der = sequence(
    sequence(oid(oids[hashAlgorithm]), null_()),
    octetString(issuerNameHash),
    octetString(issuerKeyHash),
    integer(serialBytes(serialHex)),
  );
  return { hashAlgorithm, issuerNameHash, issuerKeyHash, serialHex, der };
}

/** Each way in which RFC 6960 lets one ask about a certificate: by SHA-1 or SHA-256, their parameters NULL or absent. DER. */
export function certIdVariants(
  hashes: Readonly<Record<string, { readonly name: Uint8Array; readonly key: Uint8Array }>>,
  serialHex: string,
): readonly Uint8Array[] {
  return Object.entries(hashes).flatMap(([hashAlgorithm, { name, key }]) =>
    [[null_()], []].map((parameters) =>
      sequence(
        sequence(oid(oids[hashAlgorithm as keyof typeof digests]), ...parameters),
        octetString(name),
        octetString(key),
        integer(serialBytes(serialHex)),
      ),
    ),
  );
}
