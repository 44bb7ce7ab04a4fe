/** SLH-DSA in certificates, against the example that was published with RFC 9909. */
import { generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { verifySignature } from "#shared/crypto/signature";
import { slhDsa } from "#shared/kernel/key-algorithm";
import { published } from "#test/vectors/published";
import { parseCertificate } from "./certificate.ts";
import { readDer } from "./der/reader.ts";
import { bitString, null_, oid, sequence } from "./der/writer.ts";
import { canSign, describeSpki, keyAlgorithmName } from "./key.ts";
import { lintTbsCertificate } from "./lint/registry.ts";
import { oids } from "./oids.ts";
import { algorithmIdentifier, parseSignatureAlgorithm } from "./signature-algorithm.ts";

it("the published certificate is read, breaks no rule, and verifies under its key", async () => {
  const certificate = parseCertificate(published("rfc9909/id-slh-dsa-sha2-128s.pem", "CERTIFICATE"));
  const { signatureAlgorithm: algorithm, spki, tbs: data, signature } = certificate;
  expect(algorithm).toBe("SLH-DSA-SHA2-128s");
  expect(keyAlgorithmName(certificate.key)).toBe("SLH-DSA-SHA2-128s");
  expect(lintTbsCertificate(certificate, { kind: "root" })).toEqual([]);
  expect(await verifySignature({ algorithm, spki, data, signature })).toBe(true);
  expect(spki).toEqual(published("rfc9909/id-slh-dsa-sha2-128s.pub", "PUBLIC KEY"));
});

it.each(slhDsa)("%s: key and signature as OpenSSL names them, without parameters (RFC 9909 3)", (name) => {
  const { publicKey } = generateKeyPairSync(name.toLowerCase() as "slh-dsa-sha2-128f");
  const key = describeSpki(new Uint8Array(publicKey.export({ format: "der", type: "spki" })));
  expect(keyAlgorithmName(key)).toBe(name);
  expect(slhDsa.filter((other) => canSign(key, other))).toEqual([name]);
  expect(parseSignatureAlgorithm(readDer(algorithmIdentifier(name)))).toBe(name);
  expect(() => parseSignatureAlgorithm(readDer(sequence(oid(oids[name]), null_())))).toThrow(/not supported/);
  expect(() => describeSpki(sequence(sequence(oid(oids[name]), null_()), bitString(key.keyBits)))).toThrow(
    /has no parameters/,
  );
});
