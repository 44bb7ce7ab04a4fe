/** CMS messages that openssl made are read here, and ours are read by openssl and pkijs. */
import { constants, createPrivateKey, createSign, privateDecrypt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentInfo, EnvelopedData as PkijsEnveloped, SignedData as PkijsSigned } from "pkijs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ContentCipher, contentCiphers, decryptContent } from "#shared/crypto/content-cipher";
import { utf8 } from "#shared/kernel/bytes";
import { sha256 } from "#shared/crypto/hash";
import { octetString, oid, set } from "#shared/pki/der/writer";
import { oids } from "#shared/pki/oids";
import { pemDecode } from "#shared/pki/pem";
import { succeed } from "#test/run";
import { attribute } from "./attributes.ts";
import { buildSignedData } from "./build-signed-data.ts";
import { buildEnvelopedData, parseEnvelopedData } from "./enveloped-data.ts";
import { identifies } from "./identifier.ts";
import { parseSignedData } from "./signed-data.ts";
import { readSignerCertificate, type SignerCertificate } from "./signer-certificate.ts";
import { signerAlgorithm, verifySigner } from "./verify-signer.ts";

const directory = mkdtempSync(join(tmpdir(), "cms-"));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (file: string): string => join(directory, file);
const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(at(file)));
const content = utf8("the content of the message, longer than one block");

const keys = { rsa: ["rsa:2048"], ec: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] } as const;
const certificates = new Map<string, SignerCertificate>();
const certificate = (name: string): SignerCertificate => certificates.get(name) as SignerCertificate;

beforeAll(async () => {
  writeFileSync(at("content"), content);
  for (const [name, words] of Object.entries(keys)) {
    const files = ["-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.pem`)];
    await succeed("openssl", ["req", "-x509", "-newkey", ...words, ...files, "-subj", `/CN=${name} signer`]);
    const [der = content] = pemDecode(readFileSync(at(`${name}.pem`), "utf8"), "CERTIFICATE");
    certificates.set(name, readSignerCertificate(der));
  }
});

const sign = (key: string, ...more: string[]): Promise<string> => {
  const files = ["-in", at("content"), "-out", at("signed"), "-signer", at(`${key}.pem`), "-inkey", at(`${key}.key`)];
  return succeed("openssl", ["cms", "-sign", "-binary", "-nodetach", "-outform", "DER", ...files, ...more]);
};

describe("SignedData of openssl cms", () => {
  it.each([
    ["rsa", "sha256", [], "sha256WithRSAEncryption"],
    ["rsa", "sha384", [], "sha384WithRSAEncryption"],
    ["rsa", "sha512", [], "sha512WithRSAEncryption"],
    ["rsa", "sha256", ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32"], "RSASSA-PSS-SHA256"],
    ["ec", "sha256", [], "ecdsa-with-SHA256"],
    ["ec", "sha512", [], "ecdsa-with-SHA512"],
    ["rsa", "sha256", ["-keyid"], "sha256WithRSAEncryption"],
  ] as const)("by %s with %s %j", async (key, digest, more, name) => {
    await sign(key, "-md", digest, ...more);
    const data = parseSignedData(bytes("signed"));
    const [signer] = data.signers;
    expect(data.content).toEqual(content);
    expect(data.certificates).toEqual([certificate(key).der]);
    if (signer === undefined) throw new Error("no signer");
    expect(identifies(signer.signer, certificate(key))).toBe(true);
    const algorithm = signerAlgorithm(signer);
    expect(algorithm).toEqual({ name, digest });
    if (algorithm === undefined) return;
    expect(await verifySigner(data, signer, certificate(key).key, algorithm)).toBe(true);
    // Not by another key, not over other content, not with another signature.
    const other = key === "rsa" ? "ec" : "rsa";
    expect(await verifySigner(data, signer, certificate(other).key, algorithm)).toBe(false);
    expect(await verifySigner({ ...data, content: utf8("other") }, signer, certificate(key).key, algorithm)).toBe(
      false,
    );
    const signature = signer.signature.slice();
    signature[signature.length - 1] = (signature[signature.length - 1] as number) ^ 1;
    expect(await verifySigner(data, { ...signer, signature }, certificate(key).key, algorithm)).toBe(false);
  });

  it.each(["sha1", "md5"] as const)("with %s is told apart as legacy", async (digest) => {
    await sign("rsa", "-md", digest);
    const data = parseSignedData(bytes("signed"));
    const [signer] = data.signers;
    if (signer === undefined) throw new Error("no signer");
    expect(signerAlgorithm(signer)).toEqual({ legacy: digest });
    expect(await verifySigner(data, signer, certificate("rsa").key, { legacy: digest })).toBe(true);
    expect(await verifySigner(data, signer, certificate("ec").key, { legacy: digest })).toBe(false);
    const signature = new Uint8Array(256);
    expect(await verifySigner(data, { ...signer, signature }, certificate("rsa").key, { legacy: digest })).toBe(false);
  });

  it("without signed attributes does not verify: its signature could be one over attributes", async () => {
    await sign("rsa", "-noattr");
    const data = parseSignedData(bytes("signed"));
    const [signer] = data.signers;
    if (signer === undefined) throw new Error("no signer");
    const algorithm = signerAlgorithm(signer);
    expect(algorithm).toEqual({ name: "sha256WithRSAEncryption", digest: "sha256" });
    expect(algorithm && (await verifySigner(data, signer, certificate("rsa").key, algorithm))).toBe(false);
  });
});

describe("EnvelopedData", () => {
  const open = (der: Uint8Array): { cipher: ContentCipher | undefined; plain: Uint8Array | undefined } => {
    const { recipients, encryption, ciphertext } = parseEnvelopedData(der);
    const [recipient] = recipients;
    if (recipient === undefined || "unknown" in encryption) return { cipher: undefined, plain: undefined };
    expect(identifies(recipient.recipient, certificate("rsa"))).toBe(true);
    const key = privateDecrypt(
      { key: readFileSync(at("rsa.key")), padding: constants.RSA_PKCS1_PADDING },
      recipient.encryptedKey,
    );
    const { cipher, iv } = encryption;
    return { cipher, plain: decryptContent(cipher, { key: new Uint8Array(key), iv, ciphertext }) };
  };

  const ciphers: Readonly<Record<ContentCipher, string>> = {
    "aes128-CBC": "-aes128",
    "aes192-CBC": "-aes192",
    "aes256-CBC": "-aes256",
    "des-EDE3-CBC": "-des3",
  };
  const names = Object.keys(contentCiphers) as ContentCipher[];

  it.each(names)("of openssl cms with %s is opened", async (cipher) => {
    const words = ["-in", at("content"), "-binary", "-outform", "DER", "-out", at("enveloped"), at("rsa.pem")];
    await succeed("openssl", ["cms", "-encrypt", ciphers[cipher], ...words]);
    expect(open(bytes("enveloped"))).toEqual({ cipher, plain: content });
  });

  it.each(names)("of ours with %s is opened by openssl cms, and read by pkijs", async (cipher) => {
    const der = buildEnvelopedData({
      content,
      cipher,
      recipient: certificate("rsa"),
      spki: certificate("rsa").key.spki,
    });
    writeFileSync(at("ours"), der);
    const words = ["-inkey", at("rsa.key"), "-recip", at("rsa.pem"), "-inform", "DER", "-in", at("ours"), "-binary"];
    expect(await succeed("openssl", ["cms", "-decrypt", ...words])).toBe(Buffer.from(content).toString());
    const read = new PkijsEnveloped({ schema: ContentInfo.fromBER(der as Uint8Array<ArrayBuffer>).content });
    expect(read.recipientInfos).toHaveLength(1);
    expect(open(der)).toEqual({ cipher, plain: content });
  });

  it("a key of a wrong length opens nothing, as a wrong key does", () => {
    const iv = new Uint8Array(16);
    const ciphertext = new Uint8Array(160).fill(7);
    for (const length of [0, 5, 16, 24, 117])
      expect(decryptContent("aes128-CBC", { key: new Uint8Array(length), iv, ciphertext })).not.toEqual(content);
    expect(decryptContent("aes128-CBC", { key: new Uint8Array(16), iv, ciphertext: new Uint8Array(17) })).toBe(
      undefined,
    );
  });
});

describe("SignedData of ours", () => {
  const build = (inner: Uint8Array): Promise<Uint8Array> =>
    buildSignedData({
      content: inner,
      attributes: set(
        attribute(oids.contentType, oid(oids.data)),
        attribute(oids.messageDigest, octetString(sha256(inner))),
      ),
      signer: certificate("rsa"),
      certificates: [certificate("rsa").der],
      sign: async (attributes) =>
        createSign("sha256")
          .update(attributes)
          .sign(createPrivateKey(readFileSync(at("rsa.key")))),
    });

  it("verifies with openssl cms and with pkijs", async () => {
    const der = await build(content);
    writeFileSync(at("ours"), der);
    const words = ["-CAfile", at("rsa.pem"), "-inform", "DER", "-in", at("ours"), "-binary", "-purpose", "any"];
    expect(await succeed("openssl", ["cms", "-verify", ...words])).toBe(Buffer.from(content).toString());
    const read = new PkijsSigned({ schema: ContentInfo.fromBER(der as Uint8Array<ArrayBuffer>).content });
    expect(await read.verify({ signer: 0, checkChain: false })).toBe(true);
    expect(parseSignedData(der).content).toEqual(content);
  });
});
