/** A signer of checkpoints that signs whatever it is given: to forge what the real one refuses. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { Signer } from "#shared/ports/signer";

export function checkpointForger(real: Signer) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, privateKey));
  const signer: Signer = {
    ...real,
    generateKey: async ({ algorithm, limits }) => ({
      spki: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
      algorithm,
      signatureAlgorithm: "Ed25519",
      limits,
      backend: "sealed",
    }),
    sign: async ({ tbs }) => ({ tbs, signature: signBytes(tbs) }),
  };
  return { signer, sign: signBytes };
}
