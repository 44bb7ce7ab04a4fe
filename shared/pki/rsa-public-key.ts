/** RSAPublicKey (RFC 8017 A.1.1) as numbers: for rules that look inside. */
import { hex } from "#shared/kernel/bytes";
import { DerFields } from "./der/fields.ts";
import { readDer, readMagnitude } from "./der/reader.ts";
import type { PublicKeyInfo } from "./key.ts";

export interface RsaPublicKey {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

type Key = Pick<PublicKeyInfo, "algorithm" | "keyBits">;

export const isRsa = ({ algorithm }: Pick<Key, "algorithm">): boolean => algorithm.startsWith("RSA");

const number = (octets: Uint8Array): bigint => BigInt(`0x${hex(octets)}`);
const parsed = new WeakMap<Uint8Array, RsaPublicKey>();

/** Once for each key, however many rules ask. @throws Failure `malformed` */
export function rsaPublicKey({ keyBits }: Key): RsaPublicKey {
  const known = parsed.get(keyBits);
  if (known !== undefined) return known;
  const fields = new DerFields(readDer(keyBits, { maxElements: 3 }), "RSAPublicKey");
  const key = {
    modulus: number(readMagnitude(fields.next("modulus"), "RSA modulus")),
    exponent: number(readMagnitude(fields.next("publicExponent"), "RSA exponent")),
  };
  fields.end();
  parsed.set(keyBits, key);
  return key;
}
