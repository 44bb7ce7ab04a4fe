/** A key pair for a certificate's owner, made in this process; never a key of ours (those are the signer's). */
import { generateKeyPairSync, sign } from "node:crypto";
import { SecretBytes } from "#shared/kernel/secret-bytes";

export interface LeafKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** PKCS#8, DER. The holder wipes it. */
  readonly pkcs8: SecretBytes;
  /** ECDSA with SHA-256, DER. */
  sign(data: Uint8Array): Uint8Array;
}

/** P-256. */
export function generateLeafKey(): LeafKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    pkcs8: new SecretBytes(new Uint8Array(privateKey.export({ format: "der", type: "pkcs8" }))),
    sign: (data) => new Uint8Array(sign("sha256", data, privateKey)),
  };
}
