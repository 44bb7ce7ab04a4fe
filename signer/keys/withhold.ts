import { verifySignature } from "#shared/crypto/signature";
import { Failure } from "#shared/kernel/failure";
import { keyAlgorithms } from "./algorithms.ts";
import type { StoredKey } from "./key-store.ts";

/**
 * A fault while it was made, or another key's: either would tell about the key or deceive whoever relies on it.
 * @param holder as the operator knows it
 * @throws Failure `corrupt` unless the public key of the journal verifies it
 */
export async function withholdUnlessVerified(
  { spec, spki }: StoredKey,
  data: Uint8Array,
  signature: Uint8Array,
  holder: string,
): Promise<Uint8Array> {
  const { signatureAlgorithm } = keyAlgorithms[spec.algorithm];
  if (await verifySignature({ algorithm: signatureAlgorithm, spki, data, signature })) return signature;
  throw new Failure(
    "corrupt",
    `${holder} gave a signature that the public key of ${spec.handle} does not verify; it was withheld. Compare the key with the issuer's certificate`,
  );
}
