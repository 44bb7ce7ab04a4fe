/** RSASSA-PSS in certificates (RFC 4055, RFC 8017 A.2.3; CA/B BR 7.1.3.2.1 for the bytes). */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hex } from "#shared/kernel/bytes";
import { caTbs, openssl, signed, testKey } from "#test/vectors/x509";
import { readDer } from "./der/reader.ts";
import { explicit, integer, null_, oid, sequence } from "./der/writer.ts";
import { canSign, describeSpki, keyAlgorithmName } from "./key.ts";
import { oids } from "./oids.ts";
import { pemEncode } from "./pem.ts";
import { algorithmIdentifier, parseRequestSignatureAlgorithm, parseSignatureAlgorithm } from "./signature-algorithm.ts";

const published = [
  [
    "RSASSA-PSS-SHA256",
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120",
  ],
  [
    "RSASSA-PSS-SHA384",
    "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
  ],
  [
    "RSASSA-PSS-SHA512",
    "304106092a864886f70d01010a3034a00f300d06096086480165030402030500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140",
  ],
] as const;

describe("AlgorithmIdentifier", () => {
  it.each(published)("%s is the bytes of CA/B BR 7.1.3.2.1, and reads back", (name, bytes) => {
    expect(hex(algorithmIdentifier(name))).toBe(bytes);
    expect(parseSignatureAlgorithm(readDer(algorithmIdentifier(name)))).toBe(name);
  });

  const hash = (dotted: string, ...end: Uint8Array[]) => sequence(oid(dotted), ...end);
  const mgf = (inner: Uint8Array, dotted: string = oids["id-mgf1"]) => sequence(oid(dotted), inner);
  const sha256 = hash(oids.sha256, null_());
  const identifier = (...parameters: Uint8Array[]) =>
    readDer(sequence(oid(oids["id-RSASSA-PSS"]), sequence(...parameters)));

  it("is read from a request with hash parameters absent too (RFC 4055 2.1), but never signed so", () => {
    const absent = hash(oids.sha256);
    for (const [one, other] of [
      [absent, absent],
      [absent, sha256],
      [sha256, absent],
    ] as const) {
      const node = identifier(explicit(0, one), explicit(1, mgf(other)), explicit(2, integer(32)));
      expect(parseRequestSignatureAlgorithm(node)).toBe("RSASSA-PSS-SHA256");
      expect(() => parseSignatureAlgorithm(node)).toThrow(/not supported/);
    }
  });

  it.each([
    ["the defaults, which mean SHA-1", identifier()],
    ["another hash for the mask", identifier(explicit(0, sha256), explicit(1, mgf(hash(oids.sha384, null_()))))],
    ["less salt", identifier(explicit(0, sha256), explicit(1, mgf(sha256)), explicit(2, integer(20)))],
    ["no salt length", identifier(explicit(0, sha256), explicit(1, mgf(sha256)))],
    [
      "the default trailer written out",
      identifier(explicit(0, sha256), explicit(1, mgf(sha256)), explicit(2, integer(32)), explicit(3, integer(1))),
    ],
    [
      "SHA-1",
      identifier(
        explicit(0, hash(oids.sha1, null_())),
        explicit(1, mgf(hash(oids.sha1, null_()))),
        explicit(2, integer(20)),
      ),
    ],
    ["another mask", identifier(explicit(0, sha256), explicit(1, mgf(sha256, "1.2.3.4")), explicit(2, integer(32)))],
    ["no parameters", readDer(sequence(oid(oids["id-RSASSA-PSS"])))],
  ])("refuses %s", (_name, node) => {
    expect(() => parseRequestSignatureAlgorithm(node)).toThrow(/not supported/);
  });
});

describe("a key restricted to RSASSA-PSS", () => {
  const spki = (options: object) =>
    new Uint8Array(
      generateKeyPairSync("rsa-pss", { modulusLength: 2048, ...options }).publicKey.export({
        format: "der",
        type: "spki",
      }),
    );

  it("signs with its own hash alone where its parameters name one, else with any of them; never by PKCS #1 v1.5", () => {
    const open = describeSpki(spki({}));
    const bound = describeSpki(testKey("RSA-PSS-2048").spki);
    expect([open, bound].map(keyAlgorithmName)).toEqual(["RSA-PSS-2048", "RSA-PSS-2048"]);
    expect(canSign(open, "RSASSA-PSS-SHA512")).toBe(true);
    expect(canSign(bound, "RSASSA-PSS-SHA384")).toBe(true);
    expect(canSign(bound, "RSASSA-PSS-SHA512")).toBe(false);
    for (const key of [open, bound]) expect(canSign(key, "sha384WithRSAEncryption")).toBe(false);
    expect(canSign(describeSpki(testKey("RSA-2048").spki), "RSASSA-PSS-SHA256")).toBe(true);
  });

  it("is refused with parameters that nobody here signs with", () => {
    const weak = spki({ hashAlgorithm: "sha1", mgf1HashAlgorithm: "sha1", saltLength: 20 });
    expect(() => describeSpki(weak)).toThrow(/RSASSA-PSS with these parameters/);
  });

  it("openssl verifies what is signed with it", () => {
    const key = testKey("RSA-PSS-2048");
    const pem = pemEncode("CERTIFICATE", signed(key, caTbs(key)));
    expect(openssl(["verify", "-CAfile", "ca.pem", "ca.pem"], { "ca.pem": pem }).text).toMatch(/OK/);
  });
});
