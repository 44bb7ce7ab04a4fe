/** Account keys: which ones are good enough, and those in use ready to verify with. */
import { importJwk, type JwkKey, parseJwk } from "#shared/crypto/jose/jwk";
import type { AcmeAccount } from "#shared/domain/acme-account/acme-account";
import { Failure, isFailure } from "#shared/kernel/failure";
import { describeSpki } from "#shared/pki/key";
import { rsaPublicKey } from "#shared/pki/rsa-public-key";
import { hasClosePrimes, hasRocaForm, smallFactor } from "#shared/pki/rsa-weakness";
import { AcmeError } from "./problem.ts";

const minRsaBits = 2048;

/** @throws AcmeError `badPublicKey` (RFC 8555 6.7): a type that is not served, members that make no key, a weak RSA key */
export function accountKey(jwk: unknown): JwkKey {
  try {
    const key = importJwk(parseJwk(jwk));
    if (key.jwk.kty === "RSA") assertStrongRsa(key.spki);
    return key;
  } catch (error) {
    if (error instanceof Failure) throw new AcmeError("badPublicKey", error.message);
    throw error;
  }
}

function assertStrongRsa(spki: Uint8Array): void {
  const described = describeSpki(spki, "jwk");
  const weak = (why: string): never => {
    throw new Failure("invalid_field", `jwk: ${why}`, { field: "jwk" });
  };
  if (described.bits < minRsaBits) weak(`the RSA key has ${described.bits} bits; at least ${minRsaBits} are wanted`);
  const { modulus } = rsaPublicKey(described);
  if (smallFactor(modulus) !== undefined || hasRocaForm(modulus) || hasClosePrimes(modulus))
    weak("the RSA modulus is one that can be factored; make a new key");
}

const maxCached = 10_000;
const keys = new Map<string, JwkKey>();

/** Of an account as it is stored: it was checked when it was taken in. */
export function storedKey({ jwk, thumbprint }: Pick<AcmeAccount, "jwk" | "thumbprint">): JwkKey {
  const known = keys.get(thumbprint);
  if (known !== undefined) return known;
  try {
    const key = importJwk(parseJwk(jwk));
    if (keys.size >= maxCached) keys.clear();
    keys.set(thumbprint, key);
    return key;
  } catch (cause) {
    if (isFailure(cause))
      throw new Failure("corrupt", `the key of an account cannot be read: ${cause.message}`, { cause });
    throw cause;
  }
}
