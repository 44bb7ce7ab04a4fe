/** What each key algorithm does: one row each. */
import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import type { SignatureAlgorithm } from "#shared/pki/signature-algorithm";
import type { SignerKeyAlgorithm } from "#shared/ports/signer";

interface Row {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly generate: () => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;
  readonly sign: (key: KeyObject, data: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

const pair = promisify(generateKeyPair);
const signAsync = (hash: string, data: Uint8Array, key: KeyObject): Promise<Uint8Array> =>
  new Promise((resolve, reject) =>
    sign(hash, data, key, (error, signature) => (error ? reject(error) : resolve(signature))),
  );

// An elliptic-curve signature is over sooner than a trip to the thread pool; RSA would block the loop.
const ec = (namedCurve: string, hash: string, signatureAlgorithm: SignatureAlgorithm): Row => ({
  signatureAlgorithm,
  generate: () => pair("ec", { namedCurve }),
  // The bare KeyObject: an options object around it costs 11 µs a signature. DER is the default encoding.
  sign: (key, data) => sign(hash, data, key),
});

const rsa = (modulusLength: number): Row => ({
  signatureAlgorithm: "sha256WithRSAEncryption",
  generate: () => pair("rsa", { modulusLength, publicExponent: 0x10001 }),
  sign: (key, data) => signAsync("sha256", data, key),
});

export const keyAlgorithms: Readonly<Record<SignerKeyAlgorithm, Row>> = {
  "P-256": ec("P-256", "sha256", "ecdsa-with-SHA256"),
  "P-384": ec("P-384", "sha384", "ecdsa-with-SHA384"),
  "RSA-2048": rsa(2048),
  "RSA-3072": rsa(3072),
  "RSA-4096": rsa(4096),
  Ed25519: {
    signatureAlgorithm: "Ed25519",
    generate: () => pair("ed25519"),
    sign: (key, data) => sign(null, data, key),
  },
};
