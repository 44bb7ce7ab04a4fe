/** Key transport to an RSA key (RFC 3370 4.2.1: RSAES-PKCS1-v1_5, what every SCEP client can open). */
import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import { Failure } from "#shared/kernel/failure";

/**
 * @param spki SubjectPublicKeyInfo of an RSA key, DER
 * @throws Failure `malformed` for a key that OpenSSL cannot use
 */
export function transportKey(spki: Uint8Array, contentKey: Uint8Array): Uint8Array {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey));
  } catch (cause) {
    throw new Failure("malformed", "the public key cannot be used for key transport", { cause });
  }
}
