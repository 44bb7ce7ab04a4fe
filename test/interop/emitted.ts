/** What a running host emits: every kind of object, under every profile, for every pair of subject and issuer key. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { profileSpec } from "#shared/contracts/api/profiles";
import { postQuantum, signerKeyAlgorithms } from "#shared/kernel/key-algorithm";
import { pemDecode } from "#shared/pki/pem";
import { parseOcspResponse } from "#shared/pki/ocsp";
import { fetchPlain, type Host, type Json, startHost } from "#test/e2e/host";
import { keyNames, newCsr, openssl } from "#test/e2e/openssl";
import type * as z from "zod";

export type Kind = "root" | "issuing CA" | "leaf" | "OCSP responder" | "CRL" | "OCSP response";

export interface Emitted {
  readonly kind: Kind;
  /** Says what it is: of a leaf profile, subject key and issuer key. */
  readonly name: string;
  readonly profile?: string;
  readonly der: Uint8Array;
}

/** One for each thing that a profile may say about the certificate's content. */
export const profiles: Readonly<Record<string, z.input<typeof profileSpec>>> = {
  server: { extended_key_usages: ["serverAuth"] },
  client: { extended_key_usages: ["clientAuth"] },
  "code-signing": { extended_key_usages: ["codeSigning"] },
  "without-ocsp": { include_ocsp: false },
  "without-crl": { include_crl: false },
  "without-both": { include_ocsp: false, include_crl: false },
  "short-lived": { default_validity_seconds: 3600, max_validity_seconds: 3600 },
};

/** What the linters know; the others are verified by other implementations. */
const classical = signerKeyAlgorithms.filter((name) => !postQuantum.some((other) => other === name));

const certificateOf = (pem: string): Uint8Array => {
  const [der] = pemDecode(pem, "CERTIFICATE");
  if (der === undefined) throw new Error(`no certificate in ${pem}`);
  return der;
};

/** Starts a host of its own, and stops it. */
export async function emitted(): Promise<readonly Emitted[]> {
  const host = await startHost();
  try {
    return await everything(host);
  } finally {
    await host.stop();
  }
}

async function everything(host: Host): Promise<Emitted[]> {
  for (const [name, spec] of Object.entries(profiles)) await host.admin.ok("POST", "/profiles", { name, spec });
  const root = await host.admin.ok("GET", "/issuers/root");
  const out: Emitted[] = [{ kind: "root", name: "root", der: certificateOf(root.certificate) }];
  const csrs = new Map<string, string>();
  for (const key of keyNames) csrs.set(key, await newCsr(host.directory, key, `${key.toLowerCase()}.example.com`, key));
  for (const algorithm of classical) {
    const issuer = await host.admin.ok("POST", "/issuers", {
      name: `${algorithm} CA`,
      key_algorithm: algorithm,
      // A constrained one, for its extension.
      ...(algorithm === "P-384" && { permitted_dns: ["example.com"] }),
    });
    out.push({ kind: "issuing CA", name: `${algorithm} CA`, der: certificateOf(issuer.certificate) });
    let leaf: Json;
    for (const profile of ["default", ...Object.keys(profiles)])
      for (const [key, csr] of csrs) {
        leaf = await host.admin.ok("POST", "/certificates", { csr, profile, issuer_id: issuer.id });
        const name = `${key} leaf of ${algorithm} CA under ${profile}`;
        out.push({ kind: "leaf", name, profile, der: certificateOf(leaf.certificate) });
      }
    out.push(...(await revocationOf(host, algorithm, issuer, leaf)));
  }
  return out;
}

/** The CRL empty and with an entry; OCSP good, revoked and unknown, with nonce and without; the responder's certificate. */
async function revocationOf(host: Host, algorithm: string, issuer: Json, leaf: Json): Promise<Emitted[]> {
  const out: Emitted[] = [];
  const crl = async (state: string): Promise<void> => {
    const { bytes } = await fetchPlain(issuer.crl_urls[0]);
    out.push({ kind: "CRL", name: `${state} CRL of ${algorithm} CA`, der: bytes });
  };
  const pem = join(host.directory, "issuer.pem");
  writeFileSync(pem, issuer.certificate);
  const ocsp = async (state: string, serial: string, nonce: string): Promise<Uint8Array> => {
    const request = join(host.directory, "request.ocsp");
    await openssl("ocsp", "-issuer", pem, "-serial", `0x${serial}`, nonce, "-reqout", request);
    const { bytes } = await fetchPlain(issuer.ocsp_url, {
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
