/** What each key algorithm does: one row each. */
import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { paddingOf, type SignatureAlgorithm, signatureAlgorithms } from "#shared/crypto/signature";
import { mlDsa, type SignerKeyAlgorithm, slhDsa } from "#shared/kernel/key-algorithm";
import type { LaneName, Takes } from "./lanes.ts";
import { seedForm } from "./seed-form.ts";

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Row {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly generate: () => Promise<KeyPair>;
  /** Making one takes this lane. */
  readonly generateLane?: LaneName;
  readonly sign: (key: KeyObject, data: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /** What of the thread pool a signature takes; without, it is over sooner than a trip there. */
  readonly signTakes?: Takes;
  /** PKCS#8, DER, as it is sealed. The caller wipes it. */
  readonly pkcs8: (key: KeyObject) => Uint8Array;
}

const pair = promisify(generateKeyPair);
const pkcs8 = (key: KeyObject): Uint8Array => key.export({ format: "der", type: "pkcs8" });

const signAsync = (algorithm: SignatureAlgorithm) => {
  const row = signatureAlgorithms[algorithm];
  const padding = paddingOf(row);
  return (key: KeyObject, data: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) =>
      sign(row.hash, data, padding === undefined ? key : { key, ...padding }, (error, signature) =>
        error ? reject(error) : resolve(signature),
      ),
    );
};

const ec = (namedCurve: string, signatureAlgorithm: SignatureAlgorithm, ms: number): Row => ({
  signatureAlgorithm,
  generate: () => pair("ec", { namedCurve }),
  sign: signAsync(signatureAlgorithm),
  signTakes: { lane: "quick", ms },
  pkcs8,
});

/**
 * The key says rsaEncryption also where it signs by RSASSA-PSS: more relying parties can read it, and CA/B BR 7.1.3.1.1
 * asks for it (0029). That it never signs by the other padding is the guard's to hold.
 */
const rsa = (modulusLength: number, signatureAlgorithm: SignatureAlgorithm, ms: number): Row => ({
  signatureAlgorithm,
  generate: () => pair("rsa", { modulusLength, publicExponent: 0x10001 }),
  generateLane: "slow",
  sign: signAsync(signatureAlgorithm),
  signTakes: { lane: "quick", ms },
  pkcs8,
});

const lattice = (name: (typeof mlDsa)[number]): Row => ({
  signatureAlgorithm: name,
  generate: () => pair(name.toLowerCase() as "ml-dsa-44"),
  sign: signAsync(name),
  signTakes: { lane: "quick", ms: 1 },
  pkcs8: (key) => seedForm(name, key),
});

/** Milliseconds of a signature with SHA-2; with SHAKE up to three times as much. */
const hashBasedMs: Readonly<Record<string, number>> = {
  "128f": 12,
  "192f": 20,
  "256f": 40,
  "128s": 240,
  "192s": 460,
  "256s": 420,
};

const hashBased = (name: (typeof slhDsa)[number]): Row => ({
  signatureAlgorithm: name,
  generate: () => pair(name.toLowerCase() as "slh-dsa-sha2-128s"),
  generateLane: "slow",
  sign: signAsync(name),
  signTakes: { lane: "slow", ms: (hashBasedMs[name.slice(-4)] ?? 1) * (name.includes("SHAKE") ? 3 : 1) },
  pkcs8,
});

const rows = <Name extends string>(names: readonly Name[], row: (name: Name) => Row): Record<Name, Row> =>
  Object.fromEntries(names.map((name) => [name, row(name)])) as Record<Name, Row>;

export const keyAlgorithms: Readonly<Record<SignerKeyAlgorithm, Row>> = {
  "P-256": {
    signatureAlgorithm: "ecdsa-with-SHA256",
    generate: () => pair("ec", { namedCurve: "P-256" }),
    // The bare KeyObject: an options object around it costs 11 µs a signature. DER is the default encoding.
    sign: (key, data) => sign("sha256", data, key),
    pkcs8,
  },
  "P-384": ec("P-384", "ecdsa-with-SHA384", 0.6),
  "P-521": ec("P-521", "ecdsa-with-SHA512", 1.4),
  "RSA-2048": rsa(2048, "sha256WithRSAEncryption", 0.3),
  "RSA-3072": rsa(3072, "sha256WithRSAEncryption", 0.7),
  "RSA-4096": rsa(4096, "sha256WithRSAEncryption", 1.4),
  "RSA-PSS-2048": rsa(2048, "RSASSA-PSS-SHA256", 0.3),
  "RSA-PSS-3072": rsa(3072, "RSASSA-PSS-SHA384", 0.7),
  "RSA-PSS-4096": rsa(4096, "RSASSA-PSS-SHA512", 1.4),
  Ed25519: {
    signatureAlgorithm: "Ed25519",
    generate: () => pair("ed25519"),
    sign: (key, data) => sign(null, data, key),
    pkcs8,
  },
  ...rows(mlDsa, lattice),
  ...rows(slhDsa, hashBased),
};
