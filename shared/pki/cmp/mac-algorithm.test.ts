import { describe, expect, it } from "vitest";
import { fromHex, hex } from "#shared/kernel/bytes";
import { isFailure } from "#shared/kernel/failure";
import { readDer } from "../der/reader.ts";
import { integer, null_, octetString, oid, sequence } from "../der/writer.ts";
import { hashOids } from "../oids.ts";
import { deriveMacKey, macOf, verifyMac } from "./mac.ts";
import { type MacAlgorithm, macAlgorithmDer, parseMacAlgorithm } from "./mac-algorithm.ts";
import { macOids } from "./oids.ts";

const salt = fromHex("000102030405060708090a0b0c0d0e0f");
const pbm: MacAlgorithm = { type: "PasswordBasedMac", salt, iterations: 500, owf: "sha256", mac: "sha1" };
const pbmac1: MacAlgorithm = { type: "PBMAC1", salt, iterations: 10_000, prf: "sha256", keyOctets: 32, mac: "sha256" };
const parse = (der: Uint8Array) => parseMacAlgorithm(readDer(der));

describe("algorithms of MAC protection", () => {
  it.each([
    pbm,
    { ...pbm, owf: "sha512", mac: "sha512" },
    pbmac1,
    { ...pbmac1, prf: "sha1", mac: "sha384", keyOctets: 48 },
  ] as const)("$type with $mac: written and read", (algorithm) => {
    expect(parse(macAlgorithmDer(algorithm))).toEqual(algorithm);
  });

  it.each([
    ["99 rounds", { ...pbm, iterations: 99 }, /iterationCount 99/],
    ["10,001 rounds on our thread", { ...pbm, iterations: 10_001 }, /iterationCount 10001/],
    ["2^31 rounds", { ...pbm, iterations: 2 ** 31 }, /iterationCount/],
    ["7 octets of salt", { ...pbm, salt: salt.subarray(0, 7) }, /salt of 7/],
    ["65 octets of salt", { ...pbm, salt: new Uint8Array(65) }, /salt of 65/],
    ["SHA-1 as one-way function", { ...pbm, owf: "sha1" }, /one-way function sha1/],
    ["999 rounds of PBKDF2", { ...pbmac1, iterations: 999 }, /iterationCount 999/],
    ["100,001 rounds of PBKDF2", { ...pbmac1, iterations: 100_001 }, /iterationCount/],
    ["a key of 16 octets", { ...pbmac1, keyOctets: 16 }, /keyLength 16/],
    ["a key of 65 octets", { ...pbmac1, keyOctets: 65 }, /keyLength 65/],
  ])("refuses %s", (_name, algorithm, detail) => {
    let seen: unknown;
    try {
      parse(macAlgorithmDer(algorithm as MacAlgorithm));
    } catch (error) {
      seen = error;
    }
    expect(isFailure(seen, "malformed")).toBe(true);
    expect(String(seen)).toMatch(detail);
  });

  it("refuses what is not on the list", () => {
    const mac = sequence(oid(macOids.hmacWithSHA256), null_());
    const owf = sequence(oid(hashOids.sha256));
    const md5 = sequence(oid("1.2.840.113549.2.5"), null_());
    const with_ = (parameters: Uint8Array) => sequence(oid(macOids.passwordBasedMac), parameters);
    expect(() => parse(with_(sequence(octetString(salt), md5, integer(500), mac)))).toThrow(/one-way function/);
    expect(() => parse(with_(sequence(octetString(salt), owf, integer(500), md5)))).toThrow(/mac 1.2.840.113549.2.5/);
    expect(() => parse(sequence(oid(macOids.PBMAC1), sequence(sequence(oid("1.3.6.1.4.1.11591.4.11")), mac)))).toThrow(
      /use PBKDF2/,
    );
    const noLength = sequence(oid(macOids.PBKDF2), sequence(octetString(salt), integer(1_000)));
    expect(() => parse(sequence(oid(macOids.PBMAC1), sequence(noLength, mac)))).toThrow(/keyLength/);
    expect(parse(sequence(oid("1.2.840.10045.4.3.2")))).toBeUndefined();
  });
});

describe("codes", () => {
  const part = new TextEncoder().encode("ProtectedPart");
  const secret = new TextEncoder().encode("secret");

  // openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:secret -kdfopt hexsalt:00…0f -kdfopt iter:10000 PBKDF2
  // then: printf ProtectedPart | openssl mac -digest SHA256 -macopt hexkey:<that> HMAC
  it("PBMAC1 as the openssl command line computes it", async () => {
    const key = await deriveMacKey(pbmac1, secret);
    expect(hex(key.key)).toBe("38898ec86290bc0f1630837c5b0b9c9546450f2929098fd1c5638b05339ef1f8");
    expect(hex(macOf(key, part))).toBe("5373d600c4f8dd9374200e9e3499d19ef6a99e7e9cf776c72b858cfba04702aa");
    expect(verifyMac(key, part, macOf(key, part))).toBe(true);
    expect(verifyMac(key, secret, macOf(key, part))).toBe(false);
    expect(verifyMac(key, part, macOf(key, part).subarray(1))).toBe(false);
  });
});
