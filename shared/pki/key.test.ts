import { createHash, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import { newTestKeyKinds, openssl, testKey, testKeyKinds } from "#test/vectors/x509";
import { bitString, integer, null_, oid, sequence } from "./der/writer.ts";
import { describeSpki, keyAlgorithmName, keyIdentifier } from "./key.ts";
import { oids } from "./oids.ts";

const refusal = (detail: RegExp) =>
  expect.objectContaining({ code: "malformed", message: expect.stringMatching(detail) });

it.each([...testKeyKinds, ...newTestKeyKinds])("describes %s", (kind) => {
  const { spki } = testKey(kind);
  const key = describeSpki(spki);
  expect(keyAlgorithmName(key)).toBe(kind);
  expect(key.spki).toEqual(spki);
  expect(hex(keyIdentifier(spki))).toBe(createHash("sha1").update(key.keyBits).digest("hex"));
});

const rsa = (modulus: bigint, exponent: bigint | number): Uint8Array =>
  sequence(sequence(oid(oids.rsaEncryption), null_()), bitString(sequence(integer(modulus), integer(exponent))));
const odd = (bits: number): bigint => (1n << BigInt(bits - 1)) | 1n;

describe("RSA", () => {
  it("counts bits of the modulus", () => {
    for (const bits of [1024, 1025, 2047, 3072, 8192]) expect(describeSpki(rsa(odd(bits), 65_537)).bits).toBe(bits);
  });

  it.each([
    ["1023 bits", rsa(odd(1023), 65_537), /1023 bits/],
    ["8193 bits", rsa(odd(8193), 65_537), /8193 bits/],
    ["an even modulus", rsa(odd(2048) + 1n, 65_537), /modulus is even/],
    ["an even exponent", rsa(odd(2048), 65_536), /exponent is even/],
    ["exponent 1", rsa(odd(2048), 1), /below 3/],
    ["an exponent of 33 bits", rsa(odd(2048), (1n << 32n) | 1n), /above 2\^32/],
    [
      "absent parameters",
      sequence(sequence(oid(oids.rsaEncryption)), bitString(sequence(integer(odd(2048)), integer(3)))),
      /must be NULL/,
    ],
    [
      "a third integer",
      sequence(
        sequence(oid(oids.rsaEncryption), null_()),
        bitString(sequence(integer(odd(2048)), integer(3), integer(3))),
      ),
      /more than 3 elements/,
    ],
  ])("refuses %s", (_name, spki, detail) => {
    expect(() => describeSpki(spki)).toThrow(refusal(detail));
  });
});

describe("EC and others", () => {
  const explicitCurve = (): Uint8Array => {
    const pem = openssl(["ecparam", "-name", "prime256v1", "-param_enc", "explicit", "-genkey", "-noout"]).text;
    return openssl(["pkey", "-in", "k.pem", "-pubout", "-outform", "DER"], { "k.pem": pem }).bytes;
  };
  const export_ = (curve: string) =>
    new Uint8Array(generateKeyPairSync("ec", { namedCurve: curve }).publicKey.export({ format: "der", type: "spki" }));
  const ec = (bits: Uint8Array) => sequence(sequence(oid(oids.ecPublicKey), oid(oids["P-256"])), bitString(bits));

  it.each([
    ["explicit parameters", explicitCurve(), /named curve/],
    ["secp256k1", export_("secp256k1"), /1\.3\.132\.0\.10 is not supported/],
    ["a compressed point", ec(Uint8Array.from([2, ...new Array(32).fill(7)])), /uncompressed/],
    ["a short point", ec(Uint8Array.from([4, ...new Array(63).fill(7)])), /uncompressed/],
    ["the point at infinity", ec(Uint8Array.of(0)), /uncompressed/],
    [
      "X25519",
      new Uint8Array(generateKeyPairSync("x25519").publicKey.export({ format: "der", type: "spki" })),
      /1\.3\.101\.110 is not supported/,
    ],
    [
      "Ed25519 with parameters",
      sequence(sequence(oid(oids.Ed25519), null_()), bitString(new Uint8Array(32))),
      /no parameters/,
    ],
    ["Ed25519 of 31 octets", sequence(sequence(oid(oids.Ed25519)), bitString(new Uint8Array(31))), /31 octets/],
  ])("refuses %s", (_name, spki, detail) => {
    expect(() => describeSpki(spki)).toThrow(refusal(detail));
  });
});
