import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createKeyTransport } from "./key-transport.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const rejection = new Uint8Array(32);
const ciphertext = new Uint8Array(256);

/** As OpenSSL was before 3.2. */
const tells = (): Uint8Array => {
  throw new Error("invalid padding");
};

test.each([
  ["says that padding is wrong", tells],
  ["answers it otherwise each time", () => randomBytes(16)],
])("a runtime that %s decrypts nothing", (_, decrypt) => {
  const transport = createKeyTransport(rejection, decrypt);
  for (let i = 0; i < 2; i++)
    expect(() => transport.contentKey(privateKey, ciphertext, 32)).toThrow(/start the pinned Node/);
});

test("the pinned Node is silent, and is asked once", () => {
  let asked = 0;
  const transport = createKeyTransport(rejection, (key: KeyObject, bytes) => {
    asked++;
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes);
  });
  expect(transport.contentKey(privateKey, ciphertext, 32)).toEqual(
    createKeyTransport(rejection).contentKey(privateKey, ciphertext, 32),
  );
  expect(asked).toBe(3);
  transport.contentKey(privateKey, ciphertext, 16);
  expect(asked).toBe(4);
});
