/** Throw-away keys, certificates and the openssl CLI for tests of `shared/pki`. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paddingOf, type SignatureAlgorithm, signatureAlgorithms } from "#shared/crypto/signature";
import { assembleSigned, buildTbsCertificate } from "#shared/pki/certificate";
import * as ext from "#shared/pki/extensions";
import type { GeneralName } from "#shared/pki/general-name";
import { keyIdentifier } from "#shared/pki/key";
import { commonName, type Name, nameDer } from "#shared/pki/name";

export interface TestKey {
  readonly spki: Uint8Array;
  readonly privateKey: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });

const kinds = {
  "P-256": { generate: () => ec("P-256"), algorithm: "ecdsa-with-SHA256" },
  "P-384": { generate: () => ec("P-384"), algorithm: "ecdsa-with-SHA384" },
  "P-521": { generate: () => ec("P-521"), algorithm: "ecdsa-with-SHA512" },
  "RSA-2048": {
    generate: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    algorithm: "sha256WithRSAEncryption",
  },
  "RSA-PSS-2048": {
    generate: () =>
      generateKeyPairSync("rsa-pss", {
        modulusLength: 2048,
        hashAlgorithm: "sha384",
        mgf1HashAlgorithm: "sha384",
        saltLength: 48 as unknown as string, // a number; @types/node 24.19.2 is wrong
      }),
    algorithm: "RSASSA-PSS-SHA384",
  },
  Ed25519: { generate: () => generateKeyPairSync("ed25519"), algorithm: "Ed25519" },
} as const;

/** Those that Debian's openssl 3.0 does not know. */
const newKinds = {
  "ML-DSA-44": { generate: () => generateKeyPairSync("ml-dsa-44"), algorithm: "ML-DSA-44" },
  "ML-DSA-65": { generate: () => generateKeyPairSync("ml-dsa-65"), algorithm: "ML-DSA-65" },
  "ML-DSA-87": { generate: () => generateKeyPairSync("ml-dsa-87"), algorithm: "ML-DSA-87" },
  "SLH-DSA-SHA2-128f": { generate: () => generateKeyPairSync("slh-dsa-sha2-128f"), algorithm: "SLH-DSA-SHA2-128f" },
  "SLH-DSA-SHA2-256f": { generate: () => generateKeyPairSync("slh-dsa-sha2-256f"), algorithm: "SLH-DSA-SHA2-256f" },
} as const;

export type TestKeyKind = keyof typeof kinds | keyof typeof newKinds;
export const testKeyKinds = Object.keys(kinds) as TestKeyKind[];
export const newTestKeyKinds = Object.keys(newKinds) as TestKeyKind[];

export function testKey(kind: TestKeyKind = "P-256"): TestKey {
  const { generate, algorithm } = { ...kinds, ...newKinds }[kind];
  const pair = generate();
  return {
    spki: new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" })),
    privateKey: pair.privateKey,
    algorithm,
  };
}

export function signWith({ algorithm, privateKey }: TestKey, bytes: Uint8Array): Uint8Array {
  const row = signatureAlgorithms[algorithm];
  return new Uint8Array(sign(row.hash, bytes, { key: privateKey, ...paddingOf(row) }));
}

export const signed = (key: TestKey, tbs: Uint8Array): Uint8Array =>
  assembleSigned(tbs, key.algorithm, signWith(key, tbs));

export const pkcs8Pem = (key: TestKey): string => key.privateKey.export({ format: "pem", type: "pkcs8" }) as string;

export const testNow = Date.UTC(2025, 5, 1);
export const testIssuerName: Name = commonName("Test Issuing CA", "Example GmbH & Co");
export const testUrls = {
  ocsp: "http://pki.example/ocsp/1",
  issuer: "http://pki.example/ca/1.cer",
  crl: "http://pki.example/crl/1/0.crl",
};

export function caTbs(key: TestKey, name: Name = testIssuerName): Uint8Array {
  const subject = nameDer(name);
  return buildTbsCertificate({
    serial: Uint8Array.from({ length: 16 }, (_, i) => i + 1),
    signatureAlgorithm: key.algorithm,
    issuerNameDer: subject,
    subjectNameDer: subject,
    notBeforeMs: testNow,
    notAfterMs: testNow + 3650 * 86_400_000,
    spki: key.spki,
    extensions: [
      ext.basicConstraints(true, 0),
      ext.keyUsage(["keyCertSign", "cRLSign"]),
      ext.subjectKeyIdentifier(keyIdentifier(key.spki)),
    ],
  });
}

export const testSans: readonly GeneralName[] = [
  { type: "dns", value: "www.example.com" },
  { type: "ip", value: "192.0.2.7" },
];

/** Eight extensions: what a profile gives a TLS server. */
export const leafExtensions = (ca: TestKey, leaf: TestKey, sans: readonly GeneralName[] = testSans): Uint8Array[] => [
  ext.basicConstraints(false),
  ext.keyUsage(["digitalSignature"]),
  ext.extKeyUsage(["serverAuth", "clientAuth"]),
  ext.subjectKeyIdentifier(keyIdentifier(leaf.spki)),
  ext.authorityKeyIdentifier(keyIdentifier(ca.spki)),
  ext.subjectAltName(sans),
  ext.authorityInfoAccess({ ocsp: [testUrls.ocsp], caIssuers: [testUrls.issuer] }),
  ext.crlDistributionPoints([testUrls.crl]),
];

export interface LeafChanges {
  readonly serial?: Uint8Array;
  readonly subject?: Name;
  readonly extensions?: readonly Uint8Array[];
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
}

export function leafTbs(ca: TestKey, leaf: TestKey, changes: LeafChanges = {}): Uint8Array {
  return buildTbsCertificate({
    serial: changes.serial ?? Uint8Array.from({ length: 16 }, (_, i) => 255 - i),
    signatureAlgorithm: ca.algorithm,
    issuerNameDer: nameDer(testIssuerName),
    subjectNameDer: nameDer(changes.subject ?? commonName("www.example.com")),
    notBeforeMs: changes.notBeforeMs ?? testNow,
    notAfterMs: changes.notAfterMs ?? testNow + 90 * 86_400_000,
    spki: leaf.spki,
    extensions: changes.extensions ?? leafExtensions(ca, leaf),
  });
}

export interface OpensslOutput {
  readonly text: string;
  /** What it wrote to `-out out`, `-reqout out` and the like, else what it printed. */
  readonly bytes: Uint8Array;
}

/**
 * Runs `openssl` in a fresh folder holding `files`; a missing openssl fails the test.
 * @throws Error with everything that it printed when it exits with another code than 0
 */
export function openssl(
  args: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): OpensslOutput {
  const folder = mkdtempSync(join(tmpdir(), "trstctl-pki-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const run = spawnSync("openssl", args as string[], { cwd: folder });
    if (run.error) throw run.error;
    if (run.status !== 0)
      throw new Error(`openssl ${args.join(" ")}: ${run.stdout.toString()}${run.stderr.toString()}`);
    const out = join(folder, "out");
    const bytes = new Uint8Array(existsSync(out) ? readFileSync(out) : run.stdout);
    return { text: run.stdout.toString("utf8"), bytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A private key and a request for it, made by openssl. */
export function opensslCsr(
  config: string,
  keyArgs: readonly string[] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
): Uint8Array {
  const args = ["req", "-new", ...keyArgs, "-nodes", "-keyout", "key.pem", "-config", "req.cnf", "-outform", "DER"];
  return openssl(args, { "req.cnf": config }).bytes;
}

export const csrConfig = `[req]
prompt=no
utf8=yes
distinguished_name=dn
req_extensions=ext
attributes=attrs
string_mask=utf8only
[dn]
C=DE
O=Müller, Söhne + Co
CN=www.example.com
[attrs]
challengePassword=hunter2hunter2
[ext]
subjectAltName=DNS:www.example.com,DNS:*.example.com,IP:192.0.2.7,IP:2001:db8::1,email:ops@example.com,URI:spiffe://example.com/web
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
`;
