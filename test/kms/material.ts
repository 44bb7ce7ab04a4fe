/**
 * Key material of the KMS that stands in for AWS's in tests, and what KMS does with it: signatures over messages, digests
 * and representatives μ, under the limits of the API reference (`Sign`). Digests are signed by @noble/curves and by RFC 8017
 * as written: OpenSSL, which the product verifies with, hashes by itself.
 */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomBytes,
  sign,
} from "node:crypto";
import { KmsError } from "./kms-error.ts";

export type MessageType = "RAW" | "DIGEST" | "EXTERNAL_MU";

interface Spec {
  readonly generate: () => KeyObject;
  /** Whether a key that is to be imported is of this spec. */
  readonly holds: (key: KeyObject) => boolean;
  readonly algorithms: readonly string[];
}

const ec = (namedCurve: string, openssl: string, algorithm: string): Spec => ({
  generate: () => generateKeyPairSync("ec", { namedCurve }).privateKey,
  holds: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
    asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === openssl,
  algorithms: [algorithm],
});

const rsa = (modulusLength: number): Spec => ({
  generate: () => generateKeyPairSync("rsa", { modulusLength }).privateKey,
  holds: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
    asymmetricKeyType === "rsa" && asymmetricKeyDetails?.modulusLength === modulusLength,
  algorithms: ["PKCS1_V1_5", "PSS"].flatMap((padding) =>
    [256, 384, 512].map((bits) => `RSASSA_${padding}_SHA_${bits}`),
  ),
});

const plain = (type: "ed25519" | "ml-dsa-44" | "ml-dsa-65" | "ml-dsa-87", algorithms: readonly string[]): Spec => ({
  generate: () => generateKeyPairSync(type as "ed25519").privateKey,
  holds: ({ asymmetricKeyType }) => asymmetricKeyType === type,
  algorithms,
});

export const specs: Readonly<Record<string, Spec>> = {
  ECC_NIST_P256: ec("P-256", "prime256v1", "ECDSA_SHA_256"),
  ECC_NIST_P384: ec("P-384", "secp384r1", "ECDSA_SHA_384"),
  ECC_NIST_P521: ec("P-521", "secp521r1", "ECDSA_SHA_512"),
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_EDWARDS25519: plain("ed25519", ["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
  ML_DSA_44: plain("ml-dsa-44", ["ML_DSA_SHAKE_256"]),
  ML_DSA_65: plain("ml-dsa-65", ["ML_DSA_SHAKE_256"]),
  ML_DSA_87: plain("ml-dsa-87", ["ML_DSA_SHAKE_256"]),
};

export const publicDer = (key: KeyObject): Buffer =>
  createPublicKey(key.export({ format: "pem", type: "pkcs8" })).export({ format: "der", type: "spki" });

/** @throws KmsError `IncorrectKeyMaterialException` for what is no PKCS#8 of this spec */
export function importedKey(keySpec: string, pkcs8: Buffer): KeyObject {
  try {
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    if (specs[keySpec]?.holds(key) === true) return key;
  } catch {
    // said below
  }
  throw new KmsError("IncorrectKeyMaterialException", "The key material is not of the key's spec");
}

const mostRaw = 4096;
const digestBytes: Readonly<Record<string, number>> = { "256": 32, "384": 48, "512": 64 };
const latticeKeys = { ML_DSA_44: ml_dsa44, ML_DSA_65: ml_dsa65, ML_DSA_87: ml_dsa87 };
const curves = { ECC_NIST_P256: p256, ECC_NIST_P384: p384, ECC_NIST_P521: p521 };

const invalid = (message: string): never => {
  throw new KmsError("ValidationException", message);
};

export interface SignInput {
  readonly keySpec: string;
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly message: Buffer;
  readonly type: MessageType;
}

/** @throws KmsError as KMS answers what it does not sign */
export function signLikeKms(input: SignInput): Uint8Array {
  const { keySpec, key, algorithm, message, type } = input;
  if (specs[keySpec]?.algorithms.includes(algorithm) !== true)
    throw new KmsError("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with key spec ${keySpec}.`);
  if (message.length === 0 || message.length > mostRaw) invalid(`Message must be 1 to ${mostRaw} bytes`);
  if (keySpec in latticeKeys) return signLattice(input);
  if (type === "EXTERNAL_MU") invalid("EXTERNAL_MU is for ML-DSA keys");
  if (keySpec === "ECC_NIST_EDWARDS25519") {
    if (algorithm !== "ED25519_SHA_512" || type !== "RAW") invalid("ED25519_SHA_512 requires MessageType RAW");
    return sign(null, message, key);
  }
  const bits = algorithm.slice(-3);
  const digest = type === "DIGEST" ? message : createHash(`sha${bits}`).update(message).digest();
  if (digest.length !== digestBytes[bits]) invalid(`Digest is invalid length for algorithm ${algorithm}.`);
  if (keySpec in curves) return signDigest(keySpec as keyof typeof curves, key, digest);
  return algorithm.startsWith("RSASSA_PSS") ? pss(key, bits, digest) : pkcs1(key, bits, digest);
}

function signLattice({ keySpec, key, message, type }: SignInput): Uint8Array {
  if (type === "RAW") return sign(null, message, key);
  if (type !== "EXTERNAL_MU") invalid("ML_DSA_SHAKE_256 requires MessageType RAW or EXTERNAL_MU");
  if (message.length !== 64) invalid("EXTERNAL_MU must be 64 bytes");
  const { internal, keygen } = latticeKeys[keySpec as keyof typeof latticeKeys];
  const seed = Buffer.from(key.export({ format: "jwk" })["priv"] as string, "base64url");
  return internal.sign(message, keygen(seed).secretKey, { externalMu: true });
}

function signDigest(keySpec: keyof typeof curves, key: KeyObject, digest: Uint8Array): Uint8Array {
  const scalar = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  return curves[keySpec].sign(digest, scalar, { prehash: false, lowS: false, format: "der" });
}

/** DigestInfo up to the digest (RFC 8017 9.2, note 1). */
const digestInfo: Readonly<Record<string, string>> = {
  "256": "3031300d060960864801650304020105000420",
  "384": "3041300d060960864801650304020205000430",
  "512": "3051300d060960864801650304020305000440",
};

function pkcs1(key: KeyObject, bits: string, digest: Uint8Array): Uint8Array {
  const info = Buffer.concat([Buffer.from(digestInfo[bits] ?? "", "hex"), digest]);
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info);
}

/** EMSA-PSS-ENCODE of RFC 8017 9.1.1 with as much salt as the hash has, for moduli of whole octets. */
function pss(key: KeyObject, bits: string, digest: Uint8Array): Uint8Array {
  const hash = (...parts: Uint8Array[]) => createHash(`sha${bits}`).update(Buffer.concat(parts)).digest();
  const emLength = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const salt = randomBytes(digest.length);
  const h = hash(Buffer.alloc(8), digest, salt);
  const db = Buffer.concat([Buffer.alloc(emLength - 2 * digest.length - 2), Buffer.of(1), salt]);
  const masked = db.map((octet, at) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(Math.floor(at / digest.length));
    return octet ^ (hash(h, counter)[at % digest.length] ?? 0);
  });
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const em = Buffer.concat([masked, h, Buffer.of(0xbc)]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, em);
}
