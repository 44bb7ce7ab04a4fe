/** Keys that certify nothing: a signature of the right shape, so that a linter can look at a whole object (I5). */
import { generateKeyPair, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { paddingOf, type SignatureAlgorithm, signatureAlgorithms } from "./signature.ts";

const pair = promisify(generateKeyPair);

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const curves: Readonly<Record<string, string>> = { sha256: "P-256", sha384: "P-384", sha512: "P-521" };

function generate(algorithm: SignatureAlgorithm): Promise<Pair> {
  if (algorithm.startsWith("ecdsa")) {
    const namedCurve = curves[signatureAlgorithms[algorithm].hash ?? ""];
    if (namedCurve === undefined) throw new TypeError(`throw-away key: no curve for ${algorithm}`);
    return pair("ec", { namedCurve });
  }
  if (algorithm.includes("RSA")) return pair("rsa", { modulusLength: 2048 });
  return pair(algorithm.toLowerCase() as "ed25519");
}

const keys = new Map<SignatureAlgorithm, Promise<Pair>>();

export interface ThrowAwaySignature {
  readonly signature: Uint8Array;
  /** Of the throw-away key: SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** On the thread pool; one key for each algorithm and process, which never leaves this module. */
export async function throwAwaySignature(algorithm: SignatureAlgorithm, data: Uint8Array): Promise<ThrowAwaySignature> {
  const made = keys.get(algorithm) ?? generate(algorithm);
  keys.set(algorithm, made);
  const { publicKey, privateKey } = await made;
  const row = signatureAlgorithms[algorithm];
  const padding = paddingOf(row);
  const key = padding === undefined ? privateKey : { key: privateKey, ...padding };
  const signature = await new Promise<Uint8Array>((resolve, reject) =>
    sign(row.hash, data, key, (error, bytes) => (error === null ? resolve(new Uint8Array(bytes)) : reject(error))),
  );
  return { signature, spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })) };
}
