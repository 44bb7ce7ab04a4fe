/** RSA keys of clients. */
import { constants, generateKeyPairSync, privateDecrypt, sign } from "node:crypto";
import type { ScepSigner } from "./message.ts";

export interface RsaSigner extends ScepSigner {
  /** RSAES-PKCS1-v1_5. */
  decrypt(ciphertext: Uint8Array): Uint8Array;
  /** PKCS#8, PEM. */
  readonly pem: string;
}

export function newRsaSigner(modulusLength = 2048): RsaSigner {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength });
  return {
    kind: "RSA",
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    sign: (hash, data) => new Uint8Array(sign(hash, data, privateKey)),
    decrypt: (ciphertext) =>
      new Uint8Array(privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, ciphertext)),
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** It signs; nobody can send it a key. */
export function newEcSigner(): ScepSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    kind: "EC",
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    sign: (hash, data) => new Uint8Array(sign(hash, data, privateKey)),
  };
}
