/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7, RFC 3279 2.3.1, RFC 5480, RFC 8410). */
import { sha1 } from "#shared/crypto/hash";
import { DerFields } from "./der/fields.ts";
import { type DerNode, readBitString, readDer, readMagnitude, readNull, readOid } from "./der/reader.ts";
import { oids } from "./oids.ts";

export type KeyAlgorithm = "P-256" | "P-384" | "P-521" | "Ed25519" | `RSA-${number}`;

export interface PublicKeyInfo {
  readonly algorithm: "P-256" | "P-384" | "P-521" | "RSA" | "Ed25519";
  readonly bits: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Content of the BIT STRING. */
  readonly keyBits: Uint8Array;
}

/** The key type that a signature algorithm needs (`signatureAlgorithms`). */
export const keyTypes = { "P-256": "ec", "P-384": "ec", "P-521": "ec", RSA: "rsa", Ed25519: "ed25519" } as const;

/** `P-256`, `RSA-3072`, … */
export const keyAlgorithmName = (key: PublicKeyInfo): KeyAlgorithm =>
  key.algorithm === "RSA" ? `RSA-${key.bits}` : key.algorithm;

const curves: Readonly<Record<string, { name: "P-256" | "P-384" | "P-521"; bits: number }>> = {
  [oids["P-256"]]: { name: "P-256", bits: 256 },
  [oids["P-384"]]: { name: "P-384", bits: 384 },
  [oids["P-521"]]: { name: "P-521", bits: 521 },
};

type Described = Pick<PublicKeyInfo, "algorithm" | "bits">;

function ecKey(parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode): Described {
  if (parameters?.tag !== 0x06) return node.fail("public key: EC parameters must be a named curve (RFC 5480 2.1.1)");
  const dotted = readOid(parameters);
  const curve = curves[dotted] ?? node.fail(`public key: curve ${dotted} is not supported`);
  if (keyBits[0] !== 4 || keyBits.length !== 1 + 2 * Math.ceil(curve.bits / 8))
    node.fail(`public key: expected an uncompressed point on ${curve.name}`);
  return { algorithm: curve.name, bits: curve.bits };
}

const minRsaBits = 1024; // below it nothing is worth listing
const maxRsaBits = 8192; // above it one verification is a denial of service

function rsaKey(parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode): Described {
  if (parameters === undefined) return node.fail("public key: RSA parameters must be NULL (RFC 3279 2.3.1)");
  readNull(parameters, "RSA parameters");
  const fields = new DerFields(readDer(keyBits, { field: node.field, maxElements: 3 }), "RSAPublicKey");
  const modulus = readMagnitude(fields.next("modulus"), "RSA modulus");
  const exponent = readMagnitude(fields.next("publicExponent"), "RSA exponent");
  fields.end();
  const bits = modulus.length * 8 - Math.clz32(modulus[0] as number) + 24;
  if (bits < minRsaBits || bits > maxRsaBits)
    node.fail(`public key: RSA modulus of ${bits} bits; ${minRsaBits} to ${maxRsaBits} are read`);
  if (((modulus[modulus.length - 1] as number) & 1) === 0) node.fail("public key: RSA modulus is even");
  if (((exponent[exponent.length - 1] as number) & 1) === 0) node.fail("public key: RSA exponent is even");
  if (exponent.length === 1 && (exponent[0] as number) < 3) node.fail("public key: RSA exponent is below 3");
  if (exponent.length > 4) node.fail("public key: RSA exponent is above 2^32");
  return { algorithm: "RSA", bits };
}

function ed25519Key(parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode): Described {
  if (parameters !== undefined) node.fail("public key: Ed25519 has no parameters (RFC 8410 3)");
  if (keyBits.length !== 32) node.fail(`public key: Ed25519 key of ${keyBits.length} octets`);
  return { algorithm: "Ed25519", bits: 256 };
}

const algorithms: Readonly<Record<string, typeof ecKey>> = {
  [oids.ecPublicKey]: ecKey,
  [oids.rsaEncryption]: rsaKey,
  [oids.Ed25519]: ed25519Key,
};

/** @throws Failure `malformed` for what is not in the table */
export function parseSpki(node: DerNode): PublicKeyInfo {
  const fields = new DerFields(node, "SubjectPublicKeyInfo");
  const algorithm = new DerFields(fields.next("algorithm"), "AlgorithmIdentifier");
  const keyBits = readBitString(fields.next("subjectPublicKey"), "subjectPublicKey");
  fields.end();
  const dotted = readOid(algorithm.next("algorithm"));
  const parameters = algorithm.peek === -1 ? undefined : algorithm.next("parameters");
  algorithm.end();
  const describe = algorithms[dotted] ?? node.fail(`public key: algorithm ${dotted} is not supported`);
  return { ...describe(parameters, keyBits, node), spki: node.raw, keyBits };
}

/** @throws Failure `malformed` */
export const describeSpki = (spkiDer: Uint8Array, field?: string): PublicKeyInfo =>
  parseSpki(readDer(spkiDer, { field }));

/** RFC 5280 4.2.1.2 (1): SHA-1 of the BIT STRING content. Works for any key. */
export function keyIdentifier(spkiDer: Uint8Array): Uint8Array {
  const fields = new DerFields(readDer(spkiDer), "SubjectPublicKeyInfo");
  fields.next("algorithm");
  return sha1(readBitString(fields.next("subjectPublicKey"), "subjectPublicKey"));
}
