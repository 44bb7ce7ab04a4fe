/** A key pair for a certificate's owner, made in this process; never a key of ours (those are the signer's). */
import { generateKeyPair, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { mlDsa, type SignerKeyAlgorithm, slhDsa } from "#shared/kernel/key-algorithm";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { type SignatureAlgorithm, signatureAlgorithms } from "./signature.ts";

export interface LeafKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** PKCS#8, DER. The holder wipes it. */
  readonly pkcs8: SecretBytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** ECDSA as DER. */
  sign(data: Uint8Array): Uint8Array;
}

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

interface Row {
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly make: () => Promise<Pair>;
}

const pair = promisify(generateKeyPair);
const ec = (namedCurve: string, signatureAlgorithm: SignatureAlgorithm): Row => ({
  signatureAlgorithm,
  make: () => pair("ec", { namedCurve }),
});
const rsa = (modulusLength: number): Row => ({
  signatureAlgorithm: "sha256WithRSAEncryption",
  make: () => pair("rsa", { modulusLength }),
});

/** Of the pool's four threads two are left for everything else, whoever asks for how many slow keys. */
const turns: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];

function inTurn(make: () => Promise<Pair>): Promise<Pair> {
  const made = (turns.shift() ?? Promise.resolve()).then(make);
  turns.push(made.catch(() => undefined));
  return made;
}

/** Those whose key and signature have one name. */
const pure = (name: SignatureAlgorithm & SignerKeyAlgorithm): Row => ({
  signatureAlgorithm: name,
  make: () => pair(name.toLowerCase() as "ed25519"),
});

const slow = ({ make, ...row }: Row): Row => ({ ...row, make: () => inTurn(make) });

const rows: Readonly<Record<string, Row>> = {
  "P-256": ec("P-256", "ecdsa-with-SHA256"),
  "P-384": ec("P-384", "ecdsa-with-SHA384"),
  "P-521": ec("P-521", "ecdsa-with-SHA512"),
  "RSA-2048": slow(rsa(2048)),
  "RSA-3072": slow(rsa(3072)),
  "RSA-4096": slow(rsa(4096)),
  Ed25519: pure("Ed25519"),
  ...Object.fromEntries(mlDsa.map((name) => [name, pure(name)])),
  ...Object.fromEntries(slhDsa.map((name) => [name, slow(pure(name))])),
};

/** What `makeLeafKey` makes, for a message to people. */
export const leafKeyAlgorithms: readonly string[] = Object.keys(rows);

/** On the thread pool. @param algorithm such as `P-256` or `RSA-3072` @returns undefined for one that is not made */
export async function makeLeafKey(algorithm: string): Promise<LeafKey | undefined> {
  const row = Object.hasOwn(rows, algorithm) ? rows[algorithm] : undefined;
  return row === undefined ? undefined : leafKey(await row.make(), row.signatureAlgorithm);
}

/** P-256. */
export const generateLeafKey = (): LeafKey =>
  leafKey(generateKeyPairSync("ec", { namedCurve: "P-256" }), "ecdsa-with-SHA256");

function leafKey({ publicKey, privateKey }: Pair, signatureAlgorithm: SignatureAlgorithm): LeafKey {
  const { hash } = signatureAlgorithms[signatureAlgorithm];
  const exported = privateKey.export({ format: "der", type: "pkcs8" });
  return {
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    // A view, no copy: what is wiped is all there is.
    pkcs8: new SecretBytes(new Uint8Array(exported.buffer, exported.byteOffset, exported.byteLength)),
    signatureAlgorithm,
    sign: (data) => new Uint8Array(sign(hash, data, privateKey)),
  };
}
