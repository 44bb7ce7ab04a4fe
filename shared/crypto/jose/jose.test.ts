/** Vectors: RFC 7515 A.1 and A.3, RFC 7638 3.1, RFC 8037 A. */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { base64url, fromBase64url, utf8 } from "#shared/kernel/bytes";
import { importJwk, parseJwk } from "./jwk.ts";
import { parseJws, verifyMac } from "./jws.ts";

const payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const p256 = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
};
const es256 = {
  protected: "eyJhbGciOiJFUzI1NiJ9",
  payload,
  signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
};
const ed25519 = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

describe("signatures", () => {
  it("RFC 7515 A.3 (ES256), and no changed one", async () => {
    const key = importJwk(parseJwk(p256));
    const jws = parseJws(es256);
    expect(jws.header).toEqual({ alg: "ES256" });
    expect(await key.verify("ES256", jws.signingInput, jws.signature)).toBe(true);
    for (const algorithm of ["ES384", "RS256", "EdDSA", "HS256", "none", "constructor"])
      expect(await key.verify(algorithm, jws.signingInput, jws.signature), algorithm).toBe(false);
    const changed = Uint8Array.from(jws.signature);
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(await key.verify("ES256", jws.signingInput, changed)).toBe(false);
    expect(await key.verify("ES256", jws.signingInput, new Uint8Array(64))).toBe(false);
    expect(await key.verify("ES256", jws.signingInput, new Uint8Array(0))).toBe(false);
  });

  it("RFC 8037 A.4 (EdDSA) and A.3 (its thumbprint)", async () => {
    const key = importJwk(parseJwk({ ...ed25519, use: "sig", kid: "x" }));
    const jws = parseJws({
      protected: "eyJhbGciOiJFZERTQSJ9",
      payload: "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
      signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    });
    expect(await key.verify("EdDSA", jws.signingInput, jws.signature)).toBe(true);
    expect(key.thumbprint).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });

  it.each([
    ["RS256", "rsa", { modulusLength: 2048 }, "sha256"],
    ["ES384", "ec", { namedCurve: "P-384" }, "sha384"],
    ["ES512", "ec", { namedCurve: "P-521" }, "sha512"],
    ["ML-DSA-44", "ml-dsa-44", {}, null],
    ["ML-DSA-65", "ml-dsa-65", {}, null],
    ["ML-DSA-87", "ml-dsa-87", {}, null],
  ])("%s, and no key accepts another's algorithm", async (algorithm, type, options, hash) => {
    const { publicKey, privateKey } = generateKeyPairSync(type as "rsa", options as { modulusLength: number });
    const key = importJwk(parseJwk(publicKey.export({ format: "jwk" })));
    const data = utf8("to be signed");
    const signature = sign(hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" });
    expect(await key.verify(algorithm, data, signature)).toBe(true);
    expect(await key.verify(algorithm, utf8("another"), signature)).toBe(false);
    for (const other of ["RS256", "ES256", "ES384", "ES512", "EdDSA", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"])
      if (other !== algorithm) expect(await key.verify(other, data, signature), other).toBe(false);
  });

  it.each([
    ["ES256", "P-256", "sha256"],
    ["ES384", "P-384", "sha384"],
    ["ES512", "P-521", "sha512"],
  ])("%s: whatever r and s begin with, and only in their width", async (algorithm, namedCurve, hash) => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
    const key = importJwk(parseJwk(publicKey.export({ format: "jwk" })));
    const half = { "P-256": 32, "P-384": 48, "P-521": 66 }[namedCurve] ?? 0;
    const signatures: { data: Uint8Array; signature: Uint8Array }[] = [];
    // Until some r or s begins with a zero octet, which one of 128 signatures does.
    for (let begun = false; signatures.length < 100 || !begun; ) {
      const data = utf8(String(signatures.length));
      const signature = new Uint8Array(sign(hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" }));
      signatures.push({ data, signature });
      begun ||= signature[0] === 0 || signature[half] === 0;
    }
    for (const { data, signature } of signatures) {
      expect(await key.verify(algorithm, data, signature)).toBe(true);
      expect(await key.verify(algorithm, data, signature.subarray(1))).toBe(false);
    }
    const der = new Uint8Array(sign(hash, utf8("0"), privateKey));
    expect(await key.verify(algorithm, utf8("0"), der)).toBe(false);
  });

  it("RFC 7515 A.1 (HS256), for MACs alone", () => {
    const jws = parseJws({
      protected: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
      payload,
      signature: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    });
    const key = fromBase64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    expect(verifyMac(jws, "HS256", key)).toBe(true);
    expect(verifyMac(jws, "HS256", key.slice(1))).toBe(false);
    for (const other of ["HS384", "ES256", "none", "constructor"]) expect(verifyMac(jws, other, key)).toBe(false);
  });
});

describe("keys", () => {
  const n =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

  it("RFC 7638 3.1: the thumbprint, whatever else the JWK says", () => {
    const key = importJwk(parseJwk({ kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" }));
    expect(key.thumbprint).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    expect(Object.keys(key.jwk)).toEqual(["e", "kty", "n"]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no object", "x", /JSON object/],
    ["an array", [], /JSON object/],
    ["a shared secret", { kty: "oct", k: "AAAA" }, /private/],
    ["no type", {}, /kty undefined is not served/],
    ["a type from the prototype", { kty: "constructor" }, /not served/],
    ["a private key", { ...p256, d: "AAAA" }, /member d belongs to a private key/],
    ["another curve", { ...p256, crv: "secp256k1" }, /crv "secp256k1" is not served/],
    ["a curve that only agrees", { ...ed25519, crv: "X25519" }, /not served/],
    ["an algorithm of another type", { kty: "AKP", alg: "ES256", pub: "AAAA" }, /not served/],
    ["a member too few", { kty: "EC", crv: "P-256", x: p256.x }, /member y is missing/],
    ["padding", { ...p256, x: `${p256.x}=` }, /not base64url/],
    ["an exponent with a leading zero", { kty: "RSA", n, e: "AAEAAQ" }, /leading zero/],
    ["a point off the curve", { ...p256, y: p256.x }, /no EC public key/],
    ["a short ML-DSA key", { kty: "AKP", alg: "ML-DSA-44", pub: "AAAA" }, /no AKP public key/],
  ])("refuses %s", (_what, value, message) => {
    expect(() => importJwk(parseJwk(value))).toThrow(
      expect.objectContaining({
        code: "invalid_field",
        field: "jwk",
        message: expect.stringMatching(message) as unknown,
      }) as Error,
    );
  });
});

describe("JWS form", () => {
  const header = (value: object): string => base64url(utf8(JSON.stringify(value)));

  it.each<[string, unknown]>([
    ["no object", []],
    ["the general form", { payload, signatures: [{ protected: es256.protected, signature: es256.signature }] }],
    ["an unprotected header", { ...es256, header: {} }],
    ["no signature", { protected: es256.protected, payload }],
    ["padding", { ...es256, payload: `${payload}=` }],
    ["base64 of the other alphabet", { ...es256, signature: "++//" }],
    ["trailing bits", { ...es256, payload: "AB" }],
    ["a header that is no JSON", { ...es256, protected: "AAAA" }],
    ["a header that is no object", { ...es256, protected: base64url(utf8("[]")) }],
    ["a critical extension", { ...es256, protected: header({ alg: "ES256", crit: ["b64"], b64: false }) }],
    ["an unencoded payload", { ...es256, protected: header({ alg: "ES256", b64: false }) }],
  ])("refuses %s", (_what, value) => {
    expect(() => parseJws(value)).toThrow(expect.objectContaining({ code: "malformed" }) as Error);
  });
});

it("a private key object is never what a JWK is made from", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const jwk = createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" })).export({ format: "jwk" });
  expect(() => parseJwk(jwk)).toThrow(/member d/);
});
