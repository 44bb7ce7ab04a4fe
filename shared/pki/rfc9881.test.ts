/** ML-DSA in certificates, against the examples that were published with RFC 9881. */
import { describe, expect, it } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { mlDsa } from "#shared/kernel/key-algorithm";
import { published } from "#test/vectors/published";
import { parseCertificate } from "./certificate.ts";
import { readDer } from "./der/reader.ts";
import { bitString, null_, oid, sequence } from "./der/writer.ts";
import { canSign, describeSpki, keyAlgorithmName } from "./key.ts";
import { lintTbsCertificate } from "./lint/registry.ts";
import { oids } from "./oids.ts";
import { algorithmIdentifier, parseSignatureAlgorithm } from "./signature-algorithm.ts";

describe.each(mlDsa)("%s", (name) => {
  const certificate = parseCertificate(published(`rfc9881/${name}.crt`, "CERTIFICATE"));
  const spki = published(`rfc9881/${name}.pub`, "PUBLIC KEY");

  it("the published certificate is read, breaks no rule, and verifies under its key", async () => {
    expect(certificate.signatureAlgorithm).toBe(name);
    expect(keyAlgorithmName(certificate.key)).toBe(name);
    expect(certificate.spki).toEqual(spki);
    expect(lintTbsCertificate(certificate, { kind: "root" })).toEqual([]);
    const { tbs: data, signature } = certificate;
    expect(await verifySignature({ algorithm: name, spki, data, signature })).toBe(true);
    const changed = signature.slice();
    changed[100] = (changed[100] as number) ^ 1;
    expect(await verifySignature({ algorithm: name, spki, data, signature: changed })).toBe(false);
  });

  it("has no parameters, in the algorithm and in the key (RFC 9881 2)", () => {
    expect(parseSignatureAlgorithm(readDer(algorithmIdentifier(name)))).toBe(name);
    expect(() => parseSignatureAlgorithm(readDer(sequence(oid(oids[name]), null_())))).toThrow(/not supported/);
    const { keyBits } = certificate.key;
    expect(() => describeSpki(sequence(sequence(oid(oids[name]), null_()), bitString(keyBits)))).toThrow(
      /has no parameters/,
    );
    expect(() => describeSpki(sequence(sequence(oid(oids[name])), bitString(keyBits.subarray(1))))).toThrow(/octets/);
  });

  it("signs by its own name alone", () => {
    expect(mlDsa.filter((other) => canSign(certificate.key, other))).toEqual([name]);
    expect(canSign(certificate.key, "Ed25519")).toBe(false);
  });
});
