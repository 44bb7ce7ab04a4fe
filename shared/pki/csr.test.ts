import "#test/vectors/reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "#shared/kernel/failure";
import { csrConfig, newTestKeyKinds, openssl, opensslCsr, signWith, testKey, testKeyKinds } from "#test/vectors/x509";
import { parseCsr, verifyCsr } from "./csr.ts";
import { readDer } from "./der/reader.ts";
import {
  bitString,
  boolean,
  explicit,
  implicitConstructed,
  integer,
  null_,
  octetString,
  oid,
  sequence,
  set,
  tlv,
  utf8String,
} from "./der/writer.ts";
import * as ext from "./extensions.ts";
import { keyAlgorithmName } from "./key.ts";
import { commonName, nameDer, nameText } from "./name.ts";
import { oids } from "./oids.ts";
import { algorithmIdentifier } from "./signature-algorithm.ts";

const refusal = (detail: RegExp) => expect.objectContaining({ field: "csr", message: expect.stringMatching(detail) });

const key = testKey();
const attribute = (dotted: string, ...values: Uint8Array[]) => sequence(oid(dotted), set(...values));
const requested = (...extensions: Uint8Array[]) => attribute(oids.extensionRequest, sequence(...extensions));

function request(
  attributes: readonly Uint8Array[],
  changes: { version?: number; spki?: Uint8Array; signer?: typeof key } = {},
): Uint8Array {
  const signer = changes.signer ?? key;
  const list = implicitConstructed(0, ...attributes);
  const info = sequence(integer(changes.version ?? 0), nameDer(commonName("x")), changes.spki ?? key.spki, list);
  return sequence(info, algorithmIdentifier(signer.algorithm), bitString(signWith(signer, info)));
}

describe("what others write", () => {
  it("reads openssl's request", async () => {
    const csr = parseCsr(opensslCsr(csrConfig));
    expect(nameText(csr.subject)).toBe("CN=www.example.com,O=Müller\\, Söhne \\+ Co,C=DE");
    expect(csr.sans).toEqual([
      { type: "dns", value: "www.example.com" },
      { type: "dns", value: "*.example.com" },
      { type: "ip", value: "192.0.2.7" },
      { type: "ip", value: "2001:db8::1" },
      { type: "email", value: "ops@example.com" },
      { type: "uri", value: "spiffe://example.com/web" },
    ]);
    expect(csr.challengePassword).toBe("hunter2hunter2");
    expect(csr.requestedExtensions.map((one) => [one.oid, one.critical])).toEqual([
      [oids.subjectAltName, false],
      [oids.keyUsage, true],
      [oids.extKeyUsage, false],
    ]);
    await verifyCsr(csr);
  });

  it.each([
    [["-newkey", "rsa:2048", "-sha384"], "RSA-2048"],
    [["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], "P-384"],
    [["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"], "P-521"],
    [["-newkey", "ed25519"], "Ed25519"],
    [["-newkey", "rsa:3072", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"], "RSA-3072"],
    [["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-sigopt", "rsa_pss_saltlen:32"], "RSA-PSS-2048"],
  ])("verifies openssl %j", async (args, algorithm) => {
    const csr = parseCsr(opensslCsr(csrConfig, args));
    expect(keyAlgorithmName(csr.key)).toBe(algorithm);
    await verifyCsr(csr);
  });

  it("reads @peculiar/x509's request", async () => {
    x509.cryptoProvider.set(webcrypto);
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const made = await x509.Pkcs10CertificateRequestGenerator.create({
      name: "CN=peculiar.example, O=Example",
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "peculiar.example" }])],
      attributes: [new x509.ChallengePasswordAttribute("pass")],
    });
    const csr = parseCsr(new Uint8Array(made.rawData));
    expect(csr.sans).toEqual([{ type: "dns", value: "peculiar.example" }]);
    expect(csr.challengePassword).toBe("pass");
    await verifyCsr(csr);
  });
});

it.each(testKeyKinds)("verifies possession with %s, and openssl agrees", async (kind) => {
  const own = testKey(kind);
  const der = request([requested(ext.subjectAltName([{ type: "dns", value: "a.example" }]))], {
    spki: own.spki,
    signer: own,
  });
  await verifyCsr(parseCsr(der));
  openssl(["req", "-inform", "DER", "-in", "r.der", "-verify", "-noout"], { "r.der": der });
});

it.each(newTestKeyKinds)("verifies possession with %s", async (kind) => {
  const own = testKey(kind);
  const der = request([requested(ext.subjectAltName([{ type: "dns", value: "a.example" }]))], {
    spki: own.spki,
    signer: own,
  });
  await verifyCsr(parseCsr(der));
  await expect(verifyCsr(parseCsr(request([], { spki: testKey(kind).spki, signer: own })))).rejects.toThrow(
    refusal(/not signed by the key/),
  );
});

describe("possession", () => {
  it("refuses a request signed by another key of the same kind", async () => {
    const csr = parseCsr(request([], { signer: testKey() }));
    await expect(verifyCsr(csr)).rejects.toThrow(refusal(/not signed by the key/));
  });

  it("refuses a signature algorithm of another kind of key", async () => {
    const csr = parseCsr(request([], { signer: testKey("Ed25519") }));
    await expect(verifyCsr(csr)).rejects.toThrow(refusal(/cannot sign with Ed25519/));
  });

  it("refuses a point that is not on the curve", async () => {
    const spki = key.spki.slice();
    spki[spki.length - 1] = (spki[spki.length - 1] as number) ^ 1;
    await expect(verifyCsr(parseCsr(request([], { spki })))).rejects.toThrow(refusal(/cannot be read/));
  });

  it("refuses any changed byte", async () => {
    const der = opensslCsr(csrConfig);
    for (let at = 0; at < der.length; at += 7) {
      const changed = der.slice();
      changed[at] = (changed[at] as number) ^ 0x01;
      const outcome = await Promise.resolve()
        .then(() => verifyCsr(parseCsr(changed)))
        .then(
          () => "accepted",
          (error: unknown) => error,
        );
      expect(outcome, `byte ${at}`).toBeInstanceOf(Failure);
    }
  });
});

describe("refusals", () => {
  const san = ext.subjectAltName([{ type: "dns", value: "a.example" }]);
  const rawSan = (value: Uint8Array) => requested(ext.extension(oids.subjectAltName, false, value));
  it.each([
    ["version 1", request([], { version: 1 }), /version/],
    ["an extension twice", request([requested(san, san)]), /subjectAltName comes twice/],
    ["an attribute twice", request([requested(san), requested(san)]), /extensionRequest comes twice/],
    [
      "extensions in both attributes",
      request([requested(san), attribute(oids.microsoftExtensionRequest, sequence(san))]),
      /two attributes/,
    ],
    [
      "two values",
      request([attribute(oids.challengePassword, utf8String("a"), utf8String("b"))]),
      /expected one value/,
    ],
    ["no value", request([attribute(oids.challengePassword)]), /no value/],
    ["an underscore", request([rawSan(sequence(tlv(0x82, [Buffer.from("a_b.example")])))]), /underscore/],
    ["an empty SAN", request([rawSan(sequence())]), /empty/],
    [
      "trailing data in the SAN",
      request([requested(ext.extension(oids.subjectAltName, false, Uint8Array.of(0x30, 0, 0)))]),
      /after the end/,
    ],
    [
      "1001 names",
      request([rawSan(sequence(...Array.from({ length: 1001 }, (_, i) => tlv(0x82, [Buffer.from(`a${i}.b`)]))))]),
      /more than 1000/,
    ],
    [
      "SHA-1",
      sequence(
        sequence(integer(0), nameDer([]), key.spki, implicitConstructed(0)),
        sequence(oid("1.2.840.113549.1.1.5"), null_()),
        bitString(new Uint8Array(64)),
      ),
      /1\.2\.840\.113549\.1\.1\.5/,
    ],
    [
      "ECDSA with NULL parameters",
      sequence(
        sequence(integer(0), nameDer([]), key.spki, implicitConstructed(0)),
        sequence(oid(oids["ecdsa-with-SHA256"]), null_()),
        bitString(new Uint8Array(64)),
      ),
      /these parameters/,
    ],
    [
      "a certificate",
      sequence(sequence(explicit(0, integer(2))), sequence(), bitString(new Uint8Array(1))),
      /CSR|CertificationRequest|signature algorithm/,
    ],
    ["nothing", new Uint8Array(0), /cut off/],
    ["70 KB", new Uint8Array(70_000), /more than the 65536/],
  ])("refuses %s", (_name, der, detail) => {
    expect(() => parseCsr(der)).toThrow(refusal(detail));
  });

  it("names kinds of SAN that it does not read, and takes an encoded critical FALSE", () => {
    const lax = sequence(
      oid(oids.subjectAltName),
      boolean(false),
      octetString(sequence(tlv(0x88, [Uint8Array.of(42)]))),
    );
    expect(parseCsr(request([requested(lax)])).sans).toEqual([{ type: "other", tag: 8 }]);
  });

  it("accepts a request without attributes element", () => {
    const info = sequence(integer(0), nameDer(commonName("x")), key.spki);
    expect(
      parseCsr(sequence(info, algorithmIdentifier(key.algorithm), bitString(signWith(key, info)))).attributes,
    ).toEqual([]);
  });
});

it("views do not copy: requestInfo is within the input", () => {
  const der = opensslCsr(csrConfig);
  const csr = parseCsr(der);
  expect(csr.requestInfo.buffer).toBe(der.buffer);
  expect(readDer(csr.requestInfo).raw).toEqual(csr.requestInfo);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: der.length - 1 }), (end) => {
      expect(() => parseCsr(der.subarray(0, end))).toThrow(Failure);
    }),
  );
});
