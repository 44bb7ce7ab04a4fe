/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7, RFC 3279 2.3.1, RFC 4055 1.2, RFC 5480, RFC 8410, RFC 9881 4, RFC 9909 5). */
import { sha1 } from "#shared/crypto/hash";
import type { PssAlgorithm, SignatureAlgorithm } from "#shared/crypto/signature";
import { type PostQuantum, postQuantum, type SubjectKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { DerFields } from "./der/fields.ts";
import { type DerNode, readBitString, readDer, readMagnitude, readNull, readOid } from "./der/reader.ts";
import { oids } from "./oids.ts";
import { pssNamed } from "./rsassa-pss.ts";

export type KeyAlgorithm = Exclude<SubjectKeyAlgorithm, "RSA" | "RSA-PSS"> | `RSA-${number}` | `RSA-PSS-${number}`;

export interface PublicKeyInfo {
  readonly algorithm: SubjectKeyAlgorithm;
  readonly bits: number;
  /** `RSA-PSS`: the one algorithm that the key is restricted to, where its parameters say so (RFC 4055 3.3). */
  readonly only?: PssAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** Content of the BIT STRING. */
  readonly keyBits: Uint8Array;
}

const ecdsa = /^ecdsa-/;
const pss = /^RSASSA-PSS-/;

/** What a key signs with: an RSA key with either padding, unless it is restricted; the newest by their own name only. */
const signsBy: Readonly<Record<Exclude<SubjectKeyAlgorithm, PostQuantum | "Ed25519">, RegExp>> = {
  "P-256": ecdsa,
  "P-384": ecdsa,
  "P-521": ecdsa,
  RSA: /^(sha\d+WithRSAEncryption$|RSASSA-PSS-)/,
  "RSA-PSS": pss,
};

/** Whether a key can sign with an algorithm. */
export function canSign({ algorithm, only }: PublicKeyInfo, signature: SignatureAlgorithm): boolean {
  if (only !== undefined) return signature === only;
  return Object.hasOwn(signsBy, algorithm)
    ? signsBy[algorithm as keyof typeof signsBy].test(signature)
    : algorithm === signature;
}

/** `P-256`, `RSA-3072`, `ML-DSA-65`, … */
export const keyAlgorithmName = (key: PublicKeyInfo): KeyAlgorithm =>
  key.algorithm === "RSA" || key.algorithm === "RSA-PSS" ? `${key.algorithm}-${key.bits}` : key.algorithm;

const curves: Readonly<Record<string, { name: "P-256" | "P-384" | "P-521"; bits: number }>> = {
  [oids["P-256"]]: { name: "P-256", bits: 256 },
  [oids["P-384"]]: { name: "P-384", bits: 384 },
  [oids["P-521"]]: { name: "P-521", bits: 521 },
};

type Described = Pick<PublicKeyInfo, "algorithm" | "bits" | "only">;
type Describe = (parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode) => Described;

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
  return { algorithm: "RSA", bits: rsaBits(keyBits, node) };
}

function pssKey(parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode): Described {
  const bits = rsaBits(keyBits, node);
  return { algorithm: "RSA-PSS", bits, ...(parameters !== undefined && { only: pssNamed(parameters) }) };
}

function rsaBits(keyBits: Uint8Array, node: DerNode): number {
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
  return bits;
}

function ed25519Key(parameters: DerNode | undefined, keyBits: Uint8Array, node: DerNode): Described {
  if (parameters !== undefined) node.fail("public key: Ed25519 has no parameters (RFC 8410 3)");
  if (keyBits.length !== 32) node.fail(`public key: Ed25519 key of ${keyBits.length} octets`);
  return { algorithm: "Ed25519", bits: 256 };
}

/** Octets of a public key (FIPS 204 table 2, FIPS 205 table 2). */
const octets: Readonly<Record<PostQuantum, number>> = {
  "ML-DSA-44": 1312,
  "ML-DSA-65": 1952,
  "ML-DSA-87": 2592,
  "SLH-DSA-SHA2-128s": 32,
  "SLH-DSA-SHA2-128f": 32,
  "SLH-DSA-SHA2-192s": 48,
  "SLH-DSA-SHA2-192f": 48,
  "SLH-DSA-SHA2-256s": 64,
  "SLH-DSA-SHA2-256f": 64,
  "SLH-DSA-SHAKE-128s": 32,
  "SLH-DSA-SHAKE-128f": 32,
  "SLH-DSA-SHAKE-192s": 48,
  "SLH-DSA-SHAKE-192f": 48,
  "SLH-DSA-SHAKE-256s": 64,
  "SLH-DSA-SHAKE-256f": 64,
};

const postQuantumKey =
  (name: PostQuantum): Describe =>
  (parameters, keyBits, node) => {
    if (parameters !== undefined) node.fail(`public key: ${name} has no parameters (RFC 9881 2, RFC 9909 3)`);
    if (keyBits.length !== octets[name]) node.fail(`public key: ${name} key of ${keyBits.length} octets`);
    return { algorithm: name, bits: keyBits.length * 8 };
  };

const algorithms: Readonly<Record<string, Describe>> = {
  [oids.ecPublicKey]: ecKey,
  [oids.rsaEncryption]: rsaKey,
  [oids["id-RSASSA-PSS"]]: pssKey,
  [oids.Ed25519]: ed25519Key,
  ...Object.fromEntries(postQuantum.map((name) => [oids[name], postQuantumKey(name)])),
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
