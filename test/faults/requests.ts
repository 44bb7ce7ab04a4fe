/** Certificate requests, each with a name that no other has. */
import { randomUUID } from "node:crypto";
import { generateLeafKey, type LeafKey } from "#shared/crypto/leaf-key";
import { buildCsr } from "#shared/pki/build-csr";
import { canonicalName } from "#shared/pki/general-name";
import { commonName } from "#shared/pki/name";
import { pemEncode } from "#shared/pki/pem";

const ours = /^n-.*\.example\.test$/;

export const newName = (): string => `n-${randomUUID()}.example.test`;

/** Whether a name was made by `newName`. */
export const isOurs = (name: string): boolean => ours.test(name);

let key: LeafKey | undefined;

/** One key for all: what is asked is told apart by its name. */
export function newCsr(name: string): string {
  key ??= generateLeafKey();
  const der = buildCsr({
    subject: commonName(name),
    names: [canonicalName("dns", name)],
    spki: key.spki,
    signatureAlgorithm: "ecdsa-with-SHA256",
    sign: key.sign,
  });
  return pemEncode("CERTIFICATE REQUEST", der);
}
