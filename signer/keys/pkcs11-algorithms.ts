/** What PKCS#11 calls our algorithms: how a key pair is asked for, how it is read, and how it signs; one row each. */
import { createHash } from "node:crypto";
import { hex } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import type { SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { bitString, integer, null_, octetString, oid, printableString, sequence } from "#shared/pki/der/writer";
import { type Attribute, CKA, CKG, CKK, CKM, type Mechanism, pssParameter } from "./cryptoki.ts";

export interface Pkcs11Algorithm {
  readonly keyType: number;
  readonly generate: Mechanism;
  /** Beside what every public key is given. */
  readonly publicTemplate: readonly Attribute[];
  /** Attributes of the public key object that `spki` is made of. */
  readonly publicAttributes: readonly number[];
  /** @returns SubjectPublicKeyInfo, DER @throws Failure `corrupt` for what is no key of this algorithm */
  readonly spki: (values: readonly Uint8Array[]) => Uint8Array;
  readonly mechanism: () => Mechanism;
  /** What the token is handed. */
  readonly input: (data: Uint8Array) => Uint8Array;
  /** The token's answer as X.509 has it. */
  readonly signature: (answer: Uint8Array) => Uint8Array;
}

const same = (bytes: Uint8Array): Uint8Array => bytes;
const hashed = (hash: string) => (data: Uint8Array) => new Uint8Array(createHash(hash).update(data).digest());

/** A point comes as a DER OCTET STRING (v2.40 2.3.3), from some tokens bare. */
function point(value: Uint8Array | undefined, octets: number): Uint8Array {
  if (value?.length === octets) return value;
  const bare = value?.subarray(value.length - octets) ?? new Uint8Array();
  if (bare.length === octets && value !== undefined && hex(octetString(bare)) === hex(value)) return bare;
  throw new Failure("corrupt", "the token's public key is no point of the curve that was asked for");
}

/** r ‖ s (v2.40 2.3.1) as Ecdsa-Sig-Value. */
const ecdsaSignature = (answer: Uint8Array): Uint8Array =>
  sequence(integer(answer.subarray(0, answer.length / 2)), integer(answer.subarray(answer.length / 2)));

const ec = (curve: string, octets: number, hash: string): Pkcs11Algorithm => ({
  keyType: CKK.EC,
  generate: { mechanism: CKM.EC_KEY_PAIR_GEN },
  publicTemplate: [{ type: CKA.EC_PARAMS, value: Buffer.from(oid(curve)) }],
  publicAttributes: [CKA.EC_POINT],
  spki: ([value]) => sequence(sequence(oid("1.2.840.10045.2.1"), oid(curve)), bitString(point(value, 2 * octets + 1))),
  mechanism: () => ({ mechanism: CKM.ECDSA }),
  input: hashed(hash),
  signature: ecdsaSignature,
});

const ed25519: Pkcs11Algorithm = {
  keyType: CKK.EC_EDWARDS,
  generate: { mechanism: CKM.EC_EDWARDS_KEY_PAIR_GEN },
  // The curve by its name (v3.0 2.3.10).
  publicTemplate: [{ type: CKA.EC_PARAMS, value: Buffer.from(printableString("edwards25519")) }],
  publicAttributes: [CKA.EC_POINT],
  spki: ([value]) => sequence(sequence(oid("1.3.101.112")), bitString(point(value, 32))),
  mechanism: () => ({ mechanism: CKM.EDDSA }),
  input: same,
  signature: same,
};

const rsaKey = (modulusLength: number) => ({
  keyType: CKK.RSA,
  generate: { mechanism: CKM.RSA_PKCS_KEY_PAIR_GEN },
  publicTemplate: [
    { type: CKA.MODULUS_BITS, value: modulusLength },
    { type: CKA.PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
  ],
  publicAttributes: [CKA.MODULUS, CKA.PUBLIC_EXPONENT],
  spki: ([modulus = new Uint8Array(), exponent = new Uint8Array()]: readonly Uint8Array[]) =>
    sequence(sequence(oid("1.2.840.113549.1.1.1"), null_()), bitString(sequence(integer(modulus), integer(exponent)))),
  signature: same,
});

/** The digest's DigestInfo is made here (RFC 8017 9.2): CKM_RSA_PKCS is what every token has. */
const rsaPkcs1 = (modulusLength: number): Pkcs11Algorithm => ({
  ...rsaKey(modulusLength),
  mechanism: () => ({ mechanism: CKM.RSA_PKCS }),
  input: (data) => sequence(sequence(oid("2.16.840.1.101.3.4.2.1"), null_()), octetString(hashed("sha256")(data))),
});

const rsaPss = (modulusLength: number, bits: 256 | 384 | 512): Pkcs11Algorithm => ({
  ...rsaKey(modulusLength),
  mechanism: () => ({
    mechanism: CKM.RSA_PKCS_PSS,
    parameter: pssParameter(CKM[`SHA${bits}`], CKG[`MGF1_SHA${bits}`], bits / 8),
  }),
  input: hashed(`sha${bits}`),
});

/** ML-DSA (v3.2) and SLH-DSA are missing: no token that we could try has them. */
export const pkcs11Algorithms: Readonly<Partial<Record<SignerKeyAlgorithm, Pkcs11Algorithm>>> = {
  "P-256": ec("1.2.840.10045.3.1.7", 32, "sha256"),
  "P-384": ec("1.3.132.0.34", 48, "sha384"),
  "P-521": ec("1.3.132.0.35", 66, "sha512"),
  Ed25519: ed25519,
  "RSA-2048": rsaPkcs1(2048),
  "RSA-3072": rsaPkcs1(3072),
  "RSA-4096": rsaPkcs1(4096),
  "RSA-PSS-2048": rsaPss(2048, 256),
  "RSA-PSS-3072": rsaPss(3072, 384),
  "RSA-PSS-4096": rsaPss(4096, 512),
};
