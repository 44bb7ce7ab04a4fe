/** The private keys that were published with RFC 9881, in the form in which we seal ours. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { mlDsa } from "#shared/kernel/key-algorithm";
import { published } from "#test/vectors/published";
import { seedForm } from "./seed-form.ts";

/** 00 01 02 … 1f: the private key of every example. */
const seed = Uint8Array.from({ length: 32 }, (_, at) => at);

test.each(mlDsa)("%s: the seed in 54 octets of PKCS #8, and all of the key comes from it", async (name) => {
  const spki = published(`rfc9881/${name}.pub`, "PUBLIC KEY");
  const own = generateKeyPairSync(name.toLowerCase() as "ml-dsa-44").privateKey;
  const pkcs8 = seedForm(name, own);
  expect(pkcs8).toHaveLength(54);
  const read = (bytes: Uint8Array) => createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" });
  expect(read(pkcs8).equals(own)).toBe(true);
  pkcs8.set(seed, 22);
  const key = read(pkcs8);
  expect(new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }))).toEqual(spki);
  const data = Buffer.from("what this key signs, the published key verifies");
  expect(await verifySignature({ algorithm: name, spki, data, signature: sign(null, data, key) })).toBe(true);
});
