/**
 * What every key algorithm of the allow-list must do through the product: a root, an issuing CA, a leaf for a key of its own
 * kind, a CRL and an OCSP answer. Each is verified by the OpenSSL 3.5 of this Node, and by Debian's `openssl` where that
 * knows the algorithm.
 */
import { constants, generateKeyPairSync, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { expect } from "vitest";
import { profileSpec } from "#shared/contracts/api/profiles";
import { crlId } from "#shared/domain/crl/crl";
import { fromBase64, hex } from "#shared/kernel/bytes";
import { postQuantum, type SignerKeyAlgorithm } from "#shared/kernel/key-algorithm";
import { buildCsr } from "#shared/pki/build-csr";
import { parseCertificate } from "#shared/pki/certificate";
import { parseCertificateList } from "#shared/pki/crl";
import { sequence } from "#shared/pki/der/writer";
import { commonName } from "#shared/pki/name";
import { certIdFor, parseOcspResponse } from "#shared/pki/ocsp";
import { pemEncode } from "#shared/pki/pem";
import type { SignatureAlgorithm } from "#shared/pki/signature-algorithm";
import { createOcspResponder } from "#shared/usecases/answer-ocsp";
import { createIssuingCa, createRoot } from "#shared/usecases/create-issuer";
import { issueCertificate } from "#shared/usecases/issue-certificate";
import { createProfileVersion } from "#shared/usecases/profiles";
import { publishCrl } from "#shared/usecases/publish-crl";
import { reconcile } from "#shared/usecases/reconcile";
import { revokeCertificate } from "#shared/usecases/revoke-certificate";
import { rotateOcspResponder } from "#shared/usecases/rotate-ocsp-responder";
import { adminCall, type House, openHouse, revocationBaseUrl } from "#test/in-process/house";
import { openssl } from "#test/vectors/x509";

const tenant = "acme";
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** As the standards say, not as our tables do: what OpenSSL is told beside the key. */
const told: Readonly<Record<string, { readonly hash: string; readonly padding?: object }>> = {
  "P-256": { hash: "sha256" },
  "P-384": { hash: "sha384" },
  "P-521": { hash: "sha512" },
  "RSA-2048": { hash: "sha256" },
  "RSA-3072": { hash: "sha256" },
  "RSA-4096": { hash: "sha256" },
  "RSA-PSS-2048": { hash: "sha256", padding: pss },
  "RSA-PSS-3072": { hash: "sha384", padding: pss },
  "RSA-PSS-4096": { hash: "sha512", padding: pss },
};

interface SignedBytes {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

const verifies = (name: SignerKeyAlgorithm, key: KeyObject, { tbs, signature }: SignedBytes): boolean => {
  const { hash = null, padding } = (told[name] ?? {}) as { hash?: string; padding?: object };
  return verify(hash, tbs, { key, ...padding }, signature);
};

/** A key pair of a certificate's owner, of the same kind. */
function ownersKey(name: SignerKeyAlgorithm): {
  readonly spki: Uint8Array;
  readonly sign: (data: Uint8Array) => Uint8Array;
} {
  const rsa = /^RSA-(?:PSS-)?(\d+)$/.exec(name)?.[1];
  const { publicKey, privateKey } = name.startsWith("P-")
    ? generateKeyPairSync("ec", { namedCurve: name })
    : rsa === undefined
      ? generateKeyPairSync(name.toLowerCase() as "ed25519")
      : generateKeyPairSync("rsa", { modulusLength: Number(rsa) });
  const { hash = null, padding } = (told[name] ?? {}) as { hash?: string; padding?: object };
  return {
    spki: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    sign: (data) => new Uint8Array(sign(hash, data, { key: privateKey, ...padding })),
  };
}

const publicKeyOf = (der: Uint8Array): KeyObject => new X509Certificate(der).publicKey;

/** By OpenSSL's own reading of certificate, algorithm and parameters. */
function assertCertified(subject: Uint8Array, issuer: Uint8Array, algorithm: SignatureAlgorithm): void {
  const certificate = new X509Certificate(subject);
  expect(certificate.checkIssued(new X509Certificate(issuer))).toBe(true);
  expect(certificate.verify(publicKeyOf(issuer))).toBe(true);
  expect(parseCertificate(subject).signatureAlgorithm).toBe(algorithm);
}

async function certificateOf({ deps }: House, issuer: string): Promise<Uint8Array> {
  const { state } = await deps.log.load(tenant, "issuer", issuer);
  return fromBase64(state?.certificate ?? "");
}

async function currentCrl({ deps }: House, issuer: string): Promise<Uint8Array> {
  const { state } = await deps.log.load(tenant, "crl", crlId(issuer, 0));
  return (await deps.blob.get(state?.blob ?? "none/crl/none")) ?? new Uint8Array();
}

type Artefact = "root" | "issuing" | "leaf" | "crl" | "answer";

/** The command line of another OpenSSL, at the moment of the house's clock. */
function openssl30({ deps }: House, artefacts: Readonly<Record<Artefact, Uint8Array>>): void {
  const at = ["-attime", String(Math.floor(deps.clock.now() / 1000))];
  const pem = (name: Artefact) => pemEncode(name === "crl" ? "X509 CRL" : "CERTIFICATE", artefacts[name]);
  const files = {
    "root.pem": pem("root"),
    "issuing.pem": pem("issuing"),
    "leaf.pem": pem("leaf"),
    "crl.pem": pem("crl"),
    "answer.der": artefacts.answer,
  };
  const chain = ["-CAfile", "root.pem", "-untrusted", "issuing.pem"];
  expect(openssl(["verify", ...at, ...chain, "leaf.pem"], files).text).toBe("leaf.pem: OK\n");
  expect(() => openssl(["verify", ...at, ...chain, "-crl_check", "-CRLfile", "crl.pem", "leaf.pem"], files)).toThrow(
    /certificate revoked/,
  );
  const asked = [
    "-validity_period",
    "999999999",
    "-respin",
    "answer.der",
    "-issuer",
    "issuing.pem",
    "-cert",
    "leaf.pem",
    "-no_nonce",
  ];
  const said = openssl(["ocsp", ...asked, "-CAfile", "root.pem", "-verify_other", "issuing.pem", ...at], files).text;
  expect(said).toMatch(/^leaf\.pem: revoked$/m);
}

export async function holdAlgorithm(name: SignerKeyAlgorithm): Promise<void> {
  await using house = await openHouse([]);
  const { deps } = house;
  const call = () => adminCall(tenant);
  const ca = {
    keyAlgorithm: name,
    responderKeyAlgorithm: name,
    permittedDns: [],
    revocationBaseUrl,
    validitySeconds: 86_400,
  };
  const rootId = await createRoot(deps, call(), { ...ca, name: "Root" });
  const id = await createIssuingCa(deps, call(), { ...ca, name: "Issuing" });
  await rotateOcspResponder(deps, call(), id);
  const root = await certificateOf(house, rootId);
  const issuing = await certificateOf(house, id);
  const { signatureAlgorithm } = parseCertificate(issuing);

  const own = ownersKey(name);
  const names = [{ type: "dns", value: "www.example.test" }] as const;
  const csr = buildCsr({ subject: commonName("www.example.test"), names, signatureAlgorithm, ...own });
  await createProfileVersion(deps, call(), "default", profileSpec.parse({ issuer_id: id }));
  const issued = await issueCertificate(deps, call(), { csr, protocol: "api" });
  const leaf = issued.der;
  expect(hex(parseCertificate(leaf).spki)).toBe(hex(own.spki));
  for (const [subject, issuer] of [
    [root, root],
    [issuing, root],
    [leaf, issuing],
  ] as const)
    assertCertified(subject, issuer, signatureAlgorithm);

  await revokeCertificate(deps, call(), issued.certificate.id, "keyCompromise");
  await publishCrl(deps, call(), id, 0);
  const crl = await currentCrl(house, id);
  const list = parseCertificateList(crl);
  const { serialHex } = parseCertificate(leaf);
  expect(list.entries.map((entry) => entry.serialHex)).toEqual([serialHex]);
  expect(list.signatureAlgorithm).toBe(signatureAlgorithm);
  expect(verifies(name, publicKeyOf(issuing), list)).toBe(true);

  const { subjectDer, spki } = parseCertificate(issuing);
  const question = sequence(sequence(sequence(sequence(certIdFor(subjectDer, spki, serialHex, "sha1").der))));
  const { der: answer } = await createOcspResponder(deps).answer(id, question);
  const { basic } = parseOcspResponse(answer);
  const [responder = new Uint8Array()] = basic?.certificateDers ?? [];
  assertCertified(responder, issuing, signatureAlgorithm);
  expect(basic?.responses.map(({ status }) => status)).toMatchObject([{ type: "revoked", reason: "keyCompromise" }]);
  expect(basic !== undefined && verifies(name, publicKeyOf(responder), basic)).toBe(true);

  if (!postQuantum.some((other) => other === name)) openssl30(house, { root, issuing, leaf, crl, answer });
  await deps.signer.flush();
  house.advance(120_000);
  expect(await reconcile(deps, call())).toMatchObject({
    signatures: 6,
    recorded: 6,
    ocspSignatures: 1,
    replySignatures: 0,
    decryptions: 0,
    unjournalled: [],
    repaired: [],
  });
}

/** Those that take less than a second together: each of the check's runs holds them. */
export const quickAlgorithms: readonly SignerKeyAlgorithm[] = [
  "P-256",
  "P-384",
  "P-521",
  "Ed25519",
  "RSA-2048",
  "RSA-PSS-2048",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
  "SLH-DSA-SHA2-128f",
];
