/** What a running host emits: every kind of object, under every profile, for every pair of subject and issuer key. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { profileSpec } from "#shared/contracts/api/profiles";
import { postQuantum, signerKeyAlgorithms, subjectKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { buildCsr } from "#shared/pki/build-csr";
import { commonName } from "#shared/pki/name";
import { parseCertificate } from "#shared/pki/certificate";
import { parseSignedData } from "#shared/pki/cms/signed-data";
import { pemDecode, pemEncode } from "#shared/pki/pem";
import { parseOcspResponse } from "#shared/pki/ocsp";
import { fetchPlain, type Host, type Json, startHost } from "#test/e2e/host";
import { openssl } from "#test/e2e/openssl";
import { newTestKeyKinds, signWith, testKey, type TestKeyKind, testKeyKinds } from "#test/vectors/x509";
import type * as z from "zod";

export const kinds = ["root", "issuing CA", "leaf", "OCSP responder", "RA", "CRL", "OCSP response"] as const;
export type Kind = (typeof kinds)[number];

export interface Emitted {
  readonly kind: Kind;
  /** Says what it is: of a leaf profile, subject key and issuer key. */
  readonly name: string;
  readonly profile?: string;
  readonly der: Uint8Array;
}

/** One for each thing that a profile may say about the certificate's content. */
export const profiles: Readonly<Record<string, z.input<typeof profileSpec>>> = {
  default: {},
  server: { extended_key_usages: ["serverAuth"] },
  client: { extended_key_usages: ["clientAuth"] },
  "code-signing": { extended_key_usages: ["codeSigning"] },
  "without-ocsp": { include_ocsp: false },
  "without-crl": { include_crl: false },
  "without-both": { include_ocsp: false, include_crl: false },
  policies: { certificate_policies: ["1.3.6.1.4.1.32473.1"] },
  "public-tls": {
    conforms_to: "cabf-tls",
    certificate_policies: ["2.23.140.1.2.1"],
    extended_key_usages: ["serverAuth"],
  },
  "short-lived": { default_validity_seconds: 3600, max_validity_seconds: 3600 },
};

const certificateOf = (pem: string): Uint8Array => {
  const [der] = pemDecode(pem, "CERTIFICATE");
  if (der === undefined) throw new Error(`no certificate in ${pem}`);
  return der;
};

const baseUrl = "http://pki.example.com";

/** Starts a host of its own, and stops it. */
export async function emitted(): Promise<readonly Emitted[]> {
  const host = await startHost({ settings: { TRSTCTL_REVOCATION_BASE_URL: baseUrl } });
  try {
    return await everything(host);
  } finally {
    await host.stop();
  }
}

/** SLH-DSA as an issuer takes seconds for each signature: `test/in-process/algorithms.test.ts` sees to it. */
const issuerKeys = signerKeyAlgorithms.filter((name) => !name.startsWith("SLH-DSA"));
const subjectKeys: readonly TestKeyKind[] = [...testKeyKinds, ...newTestKeyKinds];
const isNew = (algorithm: string): boolean => (postQuantum as readonly string[]).includes(algorithm);

function requestFor(kind: TestKeyKind): string {
  const key = testKey(kind);
  const name = `${kind.toLowerCase()}.example.com`;
  const csr = buildCsr({
    subject: commonName(name),
    names: [{ type: "dns", value: name }],
    spki: key.spki,
    signatureAlgorithm: key.algorithm,
    sign: (data) => signWith(key, data),
  });
  return pemEncode("CERTIFICATE REQUEST", csr);
}

/** Who keeps the CA/B rules does not take the algorithms that these do not know. */
const takes = (profile: string, subject: string, issuer: string): boolean => {
  if (isNew(subject) || isNew(issuer)) return profile === "default";
  return profile !== "public-tls" || !/Ed25519|RSA-PSS/.test(`${subject} ${issuer.replace(/^RSA-PSS/, "RSA")}`);
};

async function everything(host: Host): Promise<Emitted[]> {
  const widest = { allowed_key_algorithms: [...subjectKeyAlgorithms] };
  for (const [name, spec] of Object.entries(profiles))
    await host.admin.ok("POST", "/profiles", { name, spec: { ...widest, ...spec } });
  const root = await host.admin.ok("GET", "/issuers/root");
  const out: Emitted[] = [{ kind: "root", name: "root", der: certificateOf(root.certificate) }];
  const requests = subjectKeys.map((key) => ({ key, csr: requestFor(key) }));
  for (const algorithm of issuerKeys) {
    const issuer = await host.admin.ok("POST", "/issuers", {
      name: `${algorithm} CA`,
      key_algorithm: algorithm,
      // A constrained one, for its extension.
      ...(algorithm === "P-384" && { permitted_dns: ["example.com"] }),
    });
    out.push({ kind: "issuing CA", name: `${algorithm} CA`, der: certificateOf(issuer.certificate) });
    let leaf: Json;
    for (const profile of Object.keys(profiles))
      for (const { key, csr } of requests.filter((request) => takes(profile, request.key, algorithm))) {
        leaf = await host.admin.ok("POST", "/certificates", { csr, profile, issuer_id: issuer.id });
        const name = `${key} leaf of ${algorithm} CA under ${profile}`;
        out.push({ kind: "leaf", name, profile, der: certificateOf(leaf.certificate) });
      }
    out.push(...(await revocationOf(host, algorithm, issuer, leaf)), await raOf(host, algorithm, issuer));
  }
  return out;
}

/** As SCEP clients get it (RFC 8894 4.2.1.2): in front of the CA. */
async function raOf(host: Host, algorithm: string, issuer: Json): Promise<Emitted> {
  const label = `ra-${algorithm.toLowerCase()}`;
  await host.admin.ok("POST", "/enrolment-endpoints", { label, protocols: ["scep"], issuer_id: issuer.id });
  const { status, bytes } = await fetchPlain(`${host.revocationUrl}/scep/${label}?operation=GetCACert`);
  const [ra] = status === 200 ? parseSignedData(bytes).certificates : [];
  if (ra === undefined) throw new Error(`GetCACert of ${label}: ${status}`);
  return { kind: "RA", name: `RA of ${algorithm} CA`, der: ra };
}

/** The host's listener stands for the name in the certificates. */
const local = (host: Host, url: string): string => url.replace(baseUrl, host.revocationUrl);

/** The CRL empty and with an entry; OCSP good, revoked and unknown, with nonce and without; the responder's certificate. */
async function revocationOf(host: Host, algorithm: string, issuer: Json, leaf: Json): Promise<Emitted[]> {
  const out: Emitted[] = [];
  const [crlUrl = ""] = parseCertificate(certificateOf(leaf.certificate)).crlUrls;
  const crl = async (state: string): Promise<void> => {
    for (const [what, url] of [
      ["CRL", crlUrl],
      ["delta CRL", crlUrl.replace(/\.crl$/, "-delta.crl")],
    ] as const) {
      const { status, bytes } = await fetchPlain(local(host, url));
      if (status !== 200) throw new Error(`${url}: ${status}`);
      out.push({ kind: "CRL", name: `${state} ${what} of ${algorithm} CA`, der: bytes });
    }
  };
  const pem = join(host.directory, "issuer.pem");
  writeFileSync(pem, issuer.certificate);
  const ocsp = async (state: string, serial: string, nonce: string): Promise<Uint8Array> => {
    const request = join(host.directory, "request.ocsp");
    await openssl("ocsp", "-issuer", pem, "-serial", `0x${serial}`, nonce, "-reqout", request);
    const { bytes } = await fetchPlain(local(host, issuer.ocsp_url), {
      method: "POST",
      headers: { "content-type": "application/ocsp-request" },
      body: readFileSync(request),
    });
    out.push({ kind: "OCSP response", name: `OCSP ${state} by ${algorithm} CA, ${nonce.slice(1)}`, der: bytes });
    return bytes;
  };
  await crl("empty");
  const good = await ocsp("good", leaf.serial, "-no_nonce");
  const [responder] = parseOcspResponse(good).basic?.certificateDers ?? [];
  if (responder === undefined) throw new Error(`${algorithm} CA: no responder certificate in its OCSP response`);
  out.push({ kind: "OCSP responder", name: `OCSP responder of ${algorithm} CA`, der: responder });
  await ocsp("good", leaf.serial, "-nonce");
  await ocsp("unknown", "123456789abcdef0123456789abcdef0", "-no_nonce");
  await host.admin.ok("POST", `/certificates/${leaf.id}/revoke`, { reason: "superseded" });
  await ocsp("revoked", leaf.serial, "-no_nonce");
  await crl("filled");
  return out;
}
