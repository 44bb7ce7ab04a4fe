import { constants, createDecipheriv, createPublicKey, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8 } from "#shared/kernel/bytes";
import { SecretBytes } from "#shared/kernel/secret-bytes";
import { openPrivateKey, wrapForImport, wrapWithPadding } from "./key-import.ts";

const kek = fromHex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8");

test.each([
  [
    "20 octets",
    "c37b7e6492584340bed12207808941155068f738",
    "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
  ],
  ["7 octets", "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"],
])("RFC 5649 6: %s", (_, plain, wrapped) => {
  expect(hex(wrapWithPadding(kek, fromHex(plain)))).toBe(wrapped);
});

const pemOf = (key: ReturnType<typeof generateKeyPairSync>["privateKey"], options: object): SecretBytes =>
  new SecretBytes(utf8(String(key.export({ format: "pem", ...options } as { format: "pem"; type: "pkcs8" }))));

describe("a private key from PEM", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;

  test.each([
    ["PKCS#8", { type: "pkcs8" }, undefined],
    ["SEC1", { type: "sec1" }, undefined],
    ["encrypted PKCS#8", { type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" }, "open"],
  ])("%s", (_, options, passphrase) => {
    const secret = passphrase === undefined ? undefined : new SecretBytes(utf8(passphrase));
    const read = openPrivateKey(pemOf(ec, options), secret);
    expect(read.kind).toBe("P-384");
    expect(Buffer.from(read.spki)).toEqual(
      createPublicKey(ec.export({ format: "pem", type: "pkcs8" })).export({ format: "der", type: "spki" }),
    );
    expect(Buffer.from(read.pkcs8.reveal())).toEqual(ec.export({ format: "der", type: "pkcs8" }));
  });

  test.each([
    ["RSA-2048", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
    ["Ed25519", generateKeyPairSync("ed25519").privateKey],
    ["EC on secp256k1", generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey],
    ["ML-DSA-44", generateKeyPairSync("ml-dsa-44").privateKey],
  ])("says that it is %s", (kind, key) => {
    expect(openPrivateKey(pemOf(key, { type: "pkcs8" })).kind).toBe(kind);
  });

  test("what is none, or does not open, is refused without a word of it", () => {
    const encrypted = pemOf(ec, { type: "pkcs8", cipher: "aes-256-cbc", passphrase: "open" });
    expect(() => openPrivateKey(encrypted)).toThrow(/passphrase/);
    expect(() => openPrivateKey(encrypted, new SecretBytes(utf8("wrong")))).toThrow(/check the passphrase/);
    expect(() => openPrivateKey(new SecretBytes(utf8("no key")))).toThrow(/as PEM/);
  });
});

test("what is wrapped comes out under the other key, and is never wrapped the same way twice", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const secret = new SecretBytes(utf8("a private key of whatever length"));
  const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  const wrapped = Buffer.from(wrapForImport(secret, spki));
  const aes = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
    wrapped.subarray(0, 256),
  );
  const decipher = createDecipheriv("id-aes256-wrap-pad", aes, fromHex("a65959a6"));
  const plain = Buffer.concat([decipher.update(wrapped.subarray(256)), decipher.final()]);
  expect(plain.toString()).toBe("a private key of whatever length");
  expect(hex(wrapForImport(secret, spki))).not.toBe(wrapped.toString("hex"));
});
