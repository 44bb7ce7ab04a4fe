/** The private key of ML-DSA as its 32-byte seed (RFC 9881 6): all that needs keeping, and what others can import. */
import type { KeyObject } from "node:crypto";
import type { mlDsa } from "#shared/kernel/key-algorithm";
import { implicit, integer, octetString, oid, sequence } from "#shared/pki/der/writer";
import { oids } from "#shared/pki/oids";

const seedOctets = 32;

/** @returns PKCS#8 with `[0] seed`, DER. The caller wipes it. */
export function seedForm(name: (typeof mlDsa)[number], key: KeyObject): Uint8Array {
  const seed = key.export({ format: "raw-seed" });
  const placeholder = implicit(0, new Uint8Array(seedOctets));
  const pkcs8 = sequence(integer(0), sequence(oid(oids[name])), octetString(placeholder));
  pkcs8.set(seed, pkcs8.length - seedOctets);
  seed.fill(0);
  return pkcs8;
}
