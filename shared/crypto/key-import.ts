/**
 * A private key of somebody's own, made ready for a key holder elsewhere: read from PEM, and wrapped for transport by
 * CKM_RSA_AES_KEY_WRAP (PKCS#11 v2.40 2.1.21): an AES key under RSAES-OAEP, and under that the PKCS#8 by RFC 5649.
 */
import {
  constants,
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
} from "node:crypto";
import { Failure } from "#shared/kernel/failure";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { randomBytes } from "./random.ts";

export interface ImportableKey {
  /** `P-256`, `RSA-3072`, `Ed25519`, … */
  readonly kind: string;
  /** PKCS#8, DER. The holder wipes it. */
  readonly pkcs8: SecretBytes;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === "rsa") return `RSA-${details?.modulusLength ?? 0}`;
  if (type === "ec") return curves[details?.namedCurve ?? ""] ?? `EC on ${details?.namedCurve ?? "an unnamed curve"}`;
  return type === "ed25519" ? "Ed25519" : (type ?? "unknown").toUpperCase();
}

/**
 * @param pem PKCS#8, encrypted or not, SEC1 or PKCS#1
 * @throws Failure `malformed` for what is no private key, or does not open with the passphrase
 */
export function openPrivateKey(pem: SecretBytes, passphrase?: SecretBytes): ImportableKey {
  const view = (secret: SecretBytes): Buffer => {
    const bytes = secret.reveal();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: view(pem),
      format: "pem",
      ...(passphrase !== undefined && { passphrase: view(passphrase) }),
    });
  } catch (cause) {
    const way =
      passphrase === undefined
        ? "give it as PEM; for an encrypted one name a file with its passphrase"
        : "check the passphrase, and give it as PEM";
    throw new Failure("malformed", `the private key cannot be read; ${way}`, { cause });
  }
  const exported = key.export({ format: "der", type: "pkcs8" });
  const pkcs8 = Uint8Array.from(exported);
  exported.fill(0);
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { kind: kindOf(key), pkcs8: new SecretBytes(pkcs8), spki: new Uint8Array(spki) };
}

/** RFC 5649 3: the alternative initial value; OpenSSL adds the length. */
const alternativeIv = Uint8Array.of(0xa6, 0x59, 0x59, 0xa6);

/** AES Key Wrap with Padding (RFC 5649). @param kek 16, 24 or 32 octets */
export function wrapWithPadding(kek: Uint8Array, secret: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`id-aes${kek.length * 8}-wrap-pad`, kek, alternativeIv);
  return new Uint8Array(Buffer.concat([cipher.update(secret), cipher.final()]));
}

/** @param wrappingSpki RSA key of who is to have it, SubjectPublicKeyInfo, DER */
export function wrapForImport(secret: SecretBytes, wrappingSpki: Uint8Array): Uint8Array {
  using kek = new SecretBytes(randomBytes(32));
  const wrapped = publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(wrappingSpki), format: "der", type: "spki" }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256",
    },
    kek.reveal(),
  );
  return new Uint8Array(Buffer.concat([wrapped, wrapWithPadding(kek.reveal(), secret.reveal())]));
}
