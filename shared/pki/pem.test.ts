import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64 } from "#shared/kernel/bytes";
import { Failure } from "#shared/kernel/failure";
import { openssl, pkcs8Pem, testKey } from "#test/vectors/x509";
import { decodeCsrText, pemDecode, pemEncode } from "./pem.ts";

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const csr = pemEncode("CERTIFICATE REQUEST", bytes);

describe("pemDecode", () => {
  it("round trips any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (der) => {
        expect(pemDecode(pemEncode("X509 CRL", der), "X509 CRL")).toEqual([der]);
      }),
    );
  });

  it("writes what openssl writes", () => {
    const { spki } = testKey("RSA-2048");
    const text = openssl(["pkey", "-pubin", "-inform", "DER", "-in", "k.der"], { "k.der": spki }).text;
    expect(pemEncode("PUBLIC KEY", spki)).toBe(text);
  });

  it("takes all blocks of the label, with CRLF and text around them", () => {
    const text = `Subject: CN=x\n${pemEncode("CERTIFICATE", bytes)}junk\n${pemEncode("OTHER", bytes)}${pemEncode("CERTIFICATE", bytes.subarray(1))}end`;
    expect(pemDecode(text.replaceAll("\n", "\r\n"), "CERTIFICATE")).toEqual([bytes, bytes.subarray(1)]);
  });

  it.each([
    ["nothing", "", /no PEM block CERTIFICATE$/],
    ["another label", csr, /no PEM block CERTIFICATE, only CERTIFICATE REQUEST/],
    ["a private key beside it", pemEncode("CERTIFICATE", bytes) + pkcs8Pem(testKey()), /PRIVATE KEY/],
    ["an RSA private key", pemEncode("RSA PRIVATE KEY", bytes), /PRIVATE KEY/],
    ["no END", "-----BEGIN CERTIFICATE-----\nAAAA\n", /no END/],
    ["END of another label", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CRL-----", /no END/],
    ["a block within a block", `-----BEGIN CERTIFICATE-----\n${csr}-----END CERTIFICATE-----`, /another block/],
    ["an unfinished label", "-----BEGIN CERTIFICATE", /no label/],
    ["empty body", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", /not base64/],
    ["bad characters", "-----BEGIN CERTIFICATE-----\nAA*A\n-----END CERTIFICATE-----", /not base64/],
    ["base64url", "-----BEGIN CERTIFICATE-----\n-_-_\n-----END CERTIFICATE-----", /not base64/],
    ["bad padding", "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----", /not base64/],
    ["stray bits", "-----BEGIN CERTIFICATE-----\nAAB=\n-----END CERTIFICATE-----", /not base64/],
    ["too much text", "x".repeat(1_048_577), /longer than/],
  ])("refuses %s", (_name, text, detail) => {
    expect(() => pemDecode(text, "CERTIFICATE", "chain")).toThrow(
      expect.objectContaining({ code: "malformed", field: "chain", message: expect.stringMatching(detail) }),
    );
  });

  it("gives a private key to who asks for one", () => {
    expect(pemDecode(pkcs8Pem(testKey()), "PRIVATE KEY")).toHaveLength(1);
  });
});

describe("decodeCsrText", () => {
  it.each([
    ["PEM", csr],
    ["the old label", csr.replaceAll("CERTIFICATE", "NEW CERTIFICATE")],
    ["base64", base64(bytes)],
    ["base64 in lines", `${base64(bytes).slice(0, 64)}\n${base64(bytes).slice(64)}\n`],
  ])("accepts %s", (_name, text) => {
    expect(decodeCsrText(text, "csr")).toEqual(bytes);
  });

  it.each([
    ["two requests", csr + csr, /expected one/],
    ["a certificate", pemEncode("CERTIFICATE", bytes), /only CERTIFICATE/],
    ["nothing", "  \n", /empty/],
    ["words", "hello world", /not base64/],
    ["its private key too", csr + pkcs8Pem(testKey()), /PRIVATE KEY/],
  ])("refuses %s", (_name, text, detail) => {
    expect(() => decodeCsrText(text, "csr")).toThrow(
      expect.objectContaining({ field: "csr", message: expect.stringMatching(detail) }),
    );
  });

  it("answers any text with bytes or a Failure", () => {
    const pieces = fc.constantFrom(
      "-----BEGIN ",
      "-----END ",
      "CERTIFICATE REQUEST",
      "-----",
      "\n",
      "AAAA",
      "=",
      "PRIVATE KEY",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
        try {
          expect(decodeCsrText(parts.join(""), "csr")).toBeInstanceOf(Uint8Array);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
